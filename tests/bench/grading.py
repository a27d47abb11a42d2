#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What grading many costs: submissions a minute against the floor, and the memory of the grader.

    tests/bench/grading.py HARNESS SOURCE_DIR [--count 200] [--jobs 1 2] [--memory 10000]

The floor is what nobody can save: the bare compiler with the same flags, one file after the other, and the time that
the submissions' own functions ran. Memory is the resident set of the parent, and the largest of its graders, at
several points of a run of submissions that do not compile. Figures to record, not a test."""
import argparse
import json
import os
import pathlib
import shlex
import subprocess
import tempfile
import time

GOOD = """// harness: good-scale
#include "good-scale.h"
/* submission {number} */
int good_scale(const struct good_scale_params *p, const float *x, float *y) {{
    for (int32_t i = 0; i < p->n; i++) y[i] = p->a * x[i];
    return 0;
}}
"""
BROKEN = '// harness: good-scale\n#include "good-scale.h"\nint {number};\n'


def put_class(folder, count, text):
    for number in range(count):
        person = folder / "work" / f"p{number:05}"
        person.mkdir(parents=True)
        (person / "good_scale.c").write_text(text.format(number=number))


def environment(folder, source):
    env = dict(os.environ, HARNESS_PATH=str(source / "tests" / "data" / "packs"), XDG_STATE_HOME=str(folder / "state"))
    env.pop("HARNESS_SEED", None)
    return env


def command(harness, jobs, results, *more):
    return [str(harness), "grade", "--no-timing", "--no-store", "-q", "--exit-zero", "-j", str(jobs), "--results",
            results, *more, "work"]


def results_of(folder, name):
    return [json.loads(path.read_text())["result"] for path in (folder / name / "results").iterdir()]


def floor(folder, source, results):
    """Seconds of the compiler alone, and of the functions alone."""
    flags = shlex.split(results[0]["build"]["flags"])
    header = source / "tests" / "data" / "packs" / "good-scale" / "good-scale.h"
    start = time.monotonic()
    for path in sorted((folder / "work").glob("*/*.c")):
        subprocess.run(["gcc", *flags, "-shared", "-fPIC", "-include", header, "-I", header.parent, path, "-o",
                        folder / "floor.so", "-lm"], check=True)
    compiler = time.monotonic() - start
    kernels = sum(case.get("wall_ns", 0) for result in results for case in result["cases"]) * 1e-9
    return compiler, kernels


def throughput(args, folder):
    env = environment(folder, args.source)
    put_class(folder, args.count, GOOD)
    first = [args.harness, "run", "--no-timing", "--no-store", "-q", "work/p00000/good_scale.c"]
    subprocess.run(first, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)  # builds and keeps the reference
    seconds = {}
    for jobs in args.jobs:
        start = time.monotonic()
        subprocess.run(command(args.harness, jobs, f"out{jobs}"), cwd=folder, env=env, check=True,
                       stdout=subprocess.DEVNULL)
        seconds[jobs] = time.monotonic() - start
    compiler, kernels = floor(folder, args.source, results_of(folder, f"out{args.jobs[0]}"))
    low = compiler + kernels
    print(f"floor: {args.count} bare compiles {compiler:.1f} s, their functions {kernels:.2f} s: "
          f"{args.count / low * 60:.0f} a minute, one after the other")
    for jobs, taken in seconds.items():
        print(f"-j {jobs}: {taken:.1f} s, {args.count / taken * 60:.0f} submissions a minute, "
              f"{taken / low:.2f} of the floor's time, {(taken - low) / args.count * 1e3:+.0f} ms each")


def resident_kib(pid):
    try:
        with open(f"/proc/{pid}/status") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("VmRSS")), 0)
    except OSError:
        return 0


def children(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []


def memory(args, folder):
    put_class(folder, args.memory, BROKEN)
    process = subprocess.Popen(command(args.harness, max(args.jobs), "out"), cwd=folder,
                               env=environment(folder, args.source), stdout=subprocess.DEVNULL)
    done, next_share, start = 0, 0.0, time.monotonic()
    while process.poll() is None:
        try:
            done = len(os.listdir(folder / "out" / "results"))
        except FileNotFoundError:
            pass
        if done >= next_share * args.memory and done > 0:
            grader = max([resident_kib(pid) for pid in children(process.pid)], default=0)
            print(f"{done:6} results: parent {resident_kib(process.pid)} KiB, largest grader {grader} KiB, "
                  f"{time.monotonic() - start:.0f} s", flush=True)
            next_share += 0.1
        time.sleep(0.02)
    print(f"{len(results_of(folder, 'out'))} results, exit {process.returncode}, {time.monotonic() - start:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("harness", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("source", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--memory", type=int, default=10000)
    args = parser.parse_args()
    for part, size in ((throughput, args.count), (memory, args.memory)):
        if size > 0:
            with tempfile.TemporaryDirectory(prefix="harness-bench-") as folder:
                part(args, pathlib.Path(folder))


if __name__ == "__main__":
    main()
