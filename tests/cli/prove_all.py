#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Challenges, proven: prove_all.py HARNESS [ID...]; all that there are when none is named.

What `harness check` demands of an instructor is demanded of our own. Exit code 77 (skipped) only where nothing speaks
against any of them but solutions that this machine was too noisy to time; they are named."""

import json
import subprocess
import sys
import tempfile


def main():
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        words = [sys.argv[1], "check", "-v", "--json", report.name, *sys.argv[2:]]
        code = subprocess.run(words, check=False).returncode
        packs = json.load(open(report.name))["packs"]
    open_packs = [pack for pack in packs if not pack["proven"]]
    untimed = {pack["id"]: [s["file"] for s in pack["solutions"] if s["verdict"] == "unstable"]
               for pack in open_packs if "solutions" in pack}
    if code == 4 and len(untimed) == len(open_packs) and all(untimed.values()):
        print(f"SKIP: this machine was too noisy to time {untimed}; all else is proven")
        return 77
    return code


if __name__ == "__main__":
    sys.exit(main())
