#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs that attack the worker know its pages: protocol_test.py SOURCE_DIR.

A copy of the command page that is out of date writes beside what it aims at, and the attack proves nothing any more."""

import pathlib
import re
import sys

FIELDS = {"function": ("WORKER_FUNCTIONS_MAX", r"char function\[(\d+)\]\[64\]"),
          "value": ("WORKER_VALUES_MAX", r"double value\[(\d+)\]"),
          "run": ("WORKER_RUNS_MAX", r"uint64_t run\[(\d+)\]\[3\]")}
FEWEST = 20


def main():
    source = pathlib.Path(sys.argv[1])
    limits = dict(re.findall(r"(WORKER_\w+) = (\d+)", (source / "grader/worker/protocol.h").read_text()))
    copies, stale = 0, []
    for path in sorted((source / "tests/hostile").glob("*/*.c")):
        text = path.read_text()
        for field, (limit, pattern) in FIELDS.items():
            for size in re.findall(pattern, text):
                copies += 1
                if size != limits[limit]:
                    stale.append(f"{path}: {field}[{size}], and {limit} is {limits[limit]}")
    print("\n".join(stale) or f"{copies} copies agree with the protocol")
    return 1 if stale or copies < FEWEST * len(FIELDS) else 0


if __name__ == "__main__":
    sys.exit(main())
