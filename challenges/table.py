#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The table of all challenges in the README, made from their specifications: table.py ROOT [--check].

It stands between two marks. Without --check the README is written anew, with it a stale table is an error."""

import json
import pathlib
import sys

TRACKS = ["kernels", "training", "debugging", "serving", "distributed", "math", "interp", "safety"]
LEVELS = ["easy", "medium", "hard"]
BEGIN, END = "<!-- challenges -->\n", "<!-- end of challenges -->\n"


def rows(root):
    specs = [json.loads(path.read_text()) for path in sorted(root.glob("challenges/*/challenge.json"))]
    specs.sort(key=lambda s: (TRACKS.index(s["track"]), LEVELS.index(s["difficulty"]), s["minutes"], s["id"]))
    yield "| challenge | track | level | minutes | bound by | what is to be done |"
    yield "|---|---|---|---|---|---|"
    for spec in specs:
        link = f"[`{spec['id']}`](challenges/{spec['id']}/README.md)"
        yield (f"| {link} | {spec['track']} | {spec['difficulty']} | {spec['minutes']} | {spec['bound']} "
               f"| {spec['summary'][0].lower() + spec['summary'][1:]} |")


def main():
    root = pathlib.Path(sys.argv[1])
    readme = root / "README.md"
    text = readme.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        sys.exit(f"{readme}: needs the lines '{BEGIN.strip()}' and '{END.strip()}' once each, around the table")
    before, rest = text.split(BEGIN)
    made = before + BEGIN + "\n".join(rows(root)) + "\n" + END + rest.split(END)[1]
    if "--check" not in sys.argv:
        readme.write_text(made)
    elif made != text:
        sys.exit(f"{readme}: the table of challenges is out of date; run `cmake --build build --target readme-table`")


if __name__ == "__main__":
    main()
