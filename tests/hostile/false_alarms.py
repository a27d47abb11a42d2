#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How often does the grader suspect the honest? false_alarms.py --harness PROGRAM [--source DIR] [--runs N] ...

All accepted solutions of all packs and the honest programs of the corpus are graded round robin, half of the times on
an idle machine and half with a busy loop on every core. Each must get the verdict that its head promises. `unstable`
is the machine's verdict and allowed, and so is `too_slow` while the cores are taken; both are counted and shown. Any
other end is a false alarm: it is told with its seed, and the exit code is 1."""
import argparse
import collections
import ctypes
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

SOLUTIONS = ["challenges/*/solutions/accepted_*.c", "tests/data/packs/*/solutions/accepted_*.c",
             "tests/hostile/packs/*/solutions/accepted_*.c", "tests/hostile/honest/*.c"]
PACKS = ["challenges", "tests/data/packs", "tests/hostile/packs"]
CONDITIONS = ["idle", "loaded"]
TOLERATED = {"idle": {"unstable"}, "loaded": {"unstable", "too_slow"}}
BLOCK = 10  # gradings under one condition before the other has its turn
DEADLINE_S = 180

File = collections.namedtuple("File", "path timed promised")
Alarm = collections.namedtuple("Alarm", "file condition verdict detail seed")


def read_file(path):
    """Solutions of packs are always timed; programs of the corpus say in their heads whether they are."""
    head = path.read_text(encoding="utf-8").splitlines()[:6]
    expected = re.match(r"// expect: (\w+)", head[0])
    if expected:
        return File(path, True, {expected[1]})
    promise = re.search(r"=> (.*)", head[0])
    if promise is None:
        raise SystemExit(f"false_alarms: {path}: its first line promises no verdict")
    timed = any(line.startswith("// test:") and "timing" in line.split() for line in head)
    return File(path, timed, {word.strip() for word in promise[1].split("|")})


def label(path):
    folder = path.parent.parent if path.parent.name == "solutions" else path.parent
    return f"{folder.name}/{path.name}"


def find_files(source, only):
    """One of each place in turn, so that a short run sees some of each."""
    if only:
        return [read_file(pathlib.Path(path)) for path in only]
    lists = [sorted(source.glob(pattern)) for pattern in SOLUTIONS]
    mixed = sorted((place / len(paths), index, path)
                   for index, paths in enumerate(lists) for place, path in enumerate(paths))
    return [read_file(path) for _, _, path in mixed]


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


class Load:
    """One endless loop on each core, at the priority that everything has."""

    def __init__(self):
        self.loops = []

    def set(self, wanted):
        if wanted and not self.loops:
            for core in sorted(os.sched_getaffinity(0)):
                loop = subprocess.Popen([sys.executable, "-c", "while True: pass"], preexec_fn=die_with_parent)
                os.sched_setaffinity(loop.pid, {core})
                self.loops.append(loop)
        while not wanted and self.loops:
            loop = self.loops.pop()
            loop.kill()
            loop.wait()


def grade(options, file):
    """(verdict, detail, seed); what is no verdict of the grader is told in the same form."""
    command = [options.harness, "run", "--no-store", "--quiet", "--json", "-", "--require-sandbox", "D"]
    for folder in PACKS:
        command += ["--challenges", str(options.source / folder)]
    if options.budget > 0 and file.timed:
        command += ["--timing-budget", str(options.budget)]
    if not file.timed:
        command.append("--no-timing")
    try:
        done = subprocess.run(command + [str(file.path)], capture_output=True, timeout=DEADLINE_S, check=False)
    except subprocess.TimeoutExpired:
        return "hang", f"no end within {DEADLINE_S} s", ""
    try:
        result = json.loads(done.stdout)
        return result["verdict"], result.get("detail", ""), result.get("seed", "")
    except (ValueError, KeyError):
        words = done.stderr.decode(errors="replace").strip().splitlines()
        return "no_result", f"exit code {done.returncode}: {words[-1] if words else 'no word'}", ""


class Run:
    def __init__(self, options):
        self.options = options
        self.files = find_files(options.source, options.files)
        # The two conditions begin at different files, so that a short run sees as many as it can.
        self.next = {"idle": 0, "loaded": len(self.files) // 2}
        self.count = collections.defaultdict(collections.Counter)
        self.alarms = []

    def one(self, condition):
        file = self.files[self.next[condition] % len(self.files)]
        self.next[condition] += 1
        verdict, detail, seed = grade(self.options, file)
        self.count[file.path, condition][verdict] += 1
        if verdict not in file.promised | TOLERATED[condition]:
            self.alarms.append(Alarm(file.path, condition, verdict, detail, seed))
            print(f"alarm: {label(file.path)} {condition}: {verdict}: {detail} (seed {seed})", flush=True)

    def all(self):
        load = Load()
        try:
            for i in range(self.options.runs):
                condition = CONDITIONS[i // BLOCK % 2] if self.options.runs >= 2 * BLOCK else CONDITIONS[i % 2]
                load.set(condition == "loaded")
                self.one(condition)
        finally:
            load.set(False)

    def cell(self, counts, verdicts):
        return str(sum(n for verdict, n in counts.items() if verdict in verdicts) or ".")

    def table(self):
        shown = ["passed", "too_slow", "unstable"]
        width = max(len(label(file.path)) for file in self.files)
        print(f"\n{'':{width}}  {'idle':^31}  {'loaded':^31}")
        titles = [f"{title:>7}" for title in ["passed", "slow", "unst.", "other"]]
        print(f"{'file':{width}}  {' '.join(titles)}  {' '.join(titles)}")
        total = collections.defaultdict(collections.Counter)
        for file in self.files:
            counts = [self.count[file.path, condition] for condition in CONDITIONS]
            if any(counts):
                self.row(label(file.path), counts, shown, width)
            for condition, counter in zip(CONDITIONS, counts):
                total[condition].update(counter)
        self.row("all", [total[condition] for condition in CONDITIONS], shown, width)

    def row(self, name, counts, shown, width):
        halves = []
        for counter in counts:
            other = set(counter) - set(shown)
            cells = [self.cell(counter, {verdict}) for verdict in shown] + [self.cell(counter, other)]
            halves.append(" ".join(f"{cell:>7}" for cell in cells))
        print(f"{name:{width}}  {'  '.join(halves)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--harness", required=True, help="the program to test")
    parser.add_argument("--source", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--runs", type=int, default=500, help="gradings in all")
    parser.add_argument("--budget", type=float, default=0, help="seconds of timing for each, instead of the default")
    parser.add_argument("files", nargs="*", help="these only")
    run = Run(parser.parse_args())
    began = time.monotonic()
    run.all()
    run.table()
    print(f"\n{run.options.runs} gradings in {time.monotonic() - began:.0f} s, {len(run.alarms)} false alarms")
    return 1 if run.alarms or not run.files else 0


if __name__ == "__main__":
    sys.exit(main())
