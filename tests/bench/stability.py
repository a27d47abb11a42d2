#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Same code, same score? Grades one file many times on an idle and on a loaded machine and reports the spread.

    tests/bench/stability.py --harness build/release/bin/harness --runs 50 FILE

Prints one line per condition: the verdicts, and the 5th and 95th percentile of each timed ratio relative to the median
of all runs. A figure to record, not a test: it says nothing about right or wrong."""
import argparse
import collections
import json
import os
import signal
import statistics
import subprocess
import sys


def grade(harness, path):
    done = subprocess.run([harness, "run", "--no-store", "--json", "-", path], capture_output=True, text=True,
                          check=False)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        sys.exit(f"stability: no JSON from {harness}: exit {done.returncode}: {done.stderr.strip()}")


def start_load():
    """One busy process on each core that this process may use."""
    burners = []
    for core in sorted(os.sched_getaffinity(0)):
        child = os.fork()
        if child == 0:
            os.sched_setaffinity(0, {core})
            while True:
                pass
        burners.append(child)
    return burners


def stop_load(burners):
    for child in burners:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def percentile(values, at):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(at * len(ordered)))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--harness", required=True)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("file")
    options = parser.parse_args()
    ratios = collections.defaultdict(dict)
    for condition in ("idle", "loaded"):
        verdicts = collections.Counter()
        burners = start_load() if condition == "loaded" else []
        try:
            for _ in range(options.runs):
                result = grade(options.harness, options.file)
                verdicts[result["verdict"]] += 1
                if result["ratio"]:
                    ratios["all cases"].setdefault(condition, []).append(result["ratio"])
                for timed in result["timing"]:
                    ratios[timed["name"]].setdefault(condition, []).append(timed["ratio"])
        finally:
            stop_load(burners)
        print(condition, dict(verdicts), flush=True)
    print(f"{'timed case':<16}{'condition':<11}{'median':>8}{'p5':>8}{'p95':>8}{'p95/p5':>9}")
    for name, conditions in ratios.items():
        everything = [r for values in conditions.values() for r in values]
        for condition, values in list(conditions.items()) + [("both", everything)]:
            low, high = percentile(values, 0.05), percentile(values, 0.95)
            print(f"{name:<16}{condition:<11}{statistics.median(values):>8.3f}{low:>8.3f}{high:>8.3f}"
                  f"{high / low if low else float('nan'):>9.3f}")


if __name__ == "__main__":
    main()
