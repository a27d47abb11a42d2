#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The grader is killed at random moments: death_test.py HARNESS SOURCE_DIR [--kills N] [--seed S].

`harness run` gets SIGKILL somewhere between its first and its last moment: while it compiles, builds a pack into an
empty cache, checks answers or times them; as root and as an ordinary user, at levels A and B. What lives on below it
is counted at the kill and once more after a short grace, in which every process must be gone. The next start has to
pass and to remove every folder, mount, cgroup and half-written entry of the cache.

This process is the reaper of orphans (PR_SET_CHILD_SUBREAPER), so whatever outlives the grader is a child of ours."""
import argparse
import collections
import ctypes
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

NOBODY = 65534
GRACE_S = 2.0
PACKS = {"hostile-matmul": ("tests/hostile/packs", "accepted_loops.c"),
         "softmax-xent": ("challenges", "accepted_lse.c")}
ENDLESS = """// harness: hostile-matmul
#if __INCLUDE_LEVEL__ < 60
#include __FILE__
#include __FILE__
#endif
"""
SPINNING = """// harness: hostile-matmul
#include "hostile-matmul.h"
int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (volatile int i = 0;; i++) {}
}
"""
# What is killed from outside while what is graded; exit code; what the report has to say. Nobody but the operator can
# be to blame for a compiler or a reference that was killed. A submission can kill itself, so that is its crash.
PARTS = [
    ("a compiler of the pack", "endless_reference", True, {"cc1"}, 4, "killed from outside"),
    ("the driver of the compiler", "endless", False, {"gcc"}, 4, "killed from outside"),
    ("the compiler proper", "endless", False, {"cc1"}, 4, "killed from outside"),
    ("the compiler's init or keeper", "endless", False, {"harness"}, 4, "killed from outside"),
    ("a reference", "reference", False, {"worker"}, 4, "killed from outside"),
    ("the submission's worker", "spinning", False, {"worker"}, 1, "was killed (signal 9)"),
    ("the init of the worker", "spinning", False, {"harness"}, 1, "was killed (signal 9)"),
]
COMPILERS = {"gcc", "cc1", "as", "ld", "collect2", "x86_64-linux-gn"}


def become_nobody():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def adopt_orphans():
    ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def below(pid):
    """pid: name of every process below `pid` that is no zombie."""
    parents, names = {}, {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, tail = stat.read_text().rpartition(")")
        except OSError:
            continue
        fields, child = tail.split(), int(stat.parent.name)
        parents[child] = int(fields[1])
        if fields[0] not in "ZX":
            names[child] = head.partition("(")[2]
    found, more = {pid}, {pid}
    while more:
        more = {child for child, parent in parents.items() if parent in more} - found
        found |= more
    return {child: names[child] for child in found - {pid} if child in names}


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def mounts():
    return len(pathlib.Path("/proc/self/mountinfo").read_text().splitlines())


def cgroups(pid):
    """Of the grader with this pid; others come and go meanwhile, which os.walk does not mind."""
    return [name for _, folders, _ in os.walk("/sys/fs/cgroup") for name in folders
            if name.startswith("harness-") and f"-{pid}-" in name]


class Site:
    """One user at one level with folders of its own."""

    def __init__(self, program, source, folder, user, level):
        self.program, self.source, self.user, self.level = program, source, user, level
        self.folder = folder / f"{user}-{level}"
        self.scratch, self.cache = self.folder / "scratch", self.folder / "cache"
        for path in (self.folder, self.scratch, self.cache):
            path.mkdir()
            path.chmod(0o755)
            if user == "nobody":
                os.chown(path, NOBODY, NOBODY)
        self.preexec = become_nobody if user == "nobody" and os.geteuid() == 0 else None
        self.length = {}

    def start(self, pack, timing, file=None, packs=None):
        folder, name = PACKS[pack]
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "TMPDIR": str(self.scratch),
                       "XDG_CACHE_HOME": str(self.cache),
                       "HARNESS_PATH": str(packs or self.source / "tests/hostile/packs")}
        words = [self.program, "run", "--sandbox-at-most", self.level, "--require-sandbox", "C", "--seed", "7"]
        words += [] if timing else ["--no-timing"]
        words.append(str(file or self.source / folder / pack / "solutions" / name))
        return subprocess.Popen(words, cwd=self.folder,
                                env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, preexec_fn=self.preexec)

    def empty_cache(self):
        for entry in (self.cache / "harness").glob("[0-9a-f]*"):
            shutil.rmtree(entry) if entry.is_dir() else None

    def left(self, pid):
        """What lies on the disk and in the kernel, by kind."""
        return {"scratch": len(list(self.scratch.iterdir())), "cache": len(list(self.cache.glob("harness/new-*"))),
                "cgroup": len(cgroups(pid))}

    def measure(self, pack):
        """How long an undisturbed grading takes, from the empty cache and from a full one."""
        for cold in (True, False):
            if cold:
                self.empty_cache()
            began = time.monotonic()
            process = self.start(pack, True)
            output = process.communicate(timeout=180)[0]
            # On a busy machine the time of an honest solution may be anything; only how long it took counts here.
            if process.returncode != 0 and "UNSTABLE" not in output and "TOO SLOW" not in output:
                raise SystemExit(f"{self.folder.name}: {pack} does not pass undisturbed:\n{output}")
            self.length[pack, cold] = time.monotonic() - began


def phase_of(names):
    """What the grading was at, by what it had running."""
    if any(name in COMPILERS for name in names):
        return "compiler"
    return "worker" if "worker" in names else "between"


class Record:
    def __init__(self):
        self.failures, self.slowest_s = [], 0.0
        self.at_kill, self.later, self.phases = (collections.Counter() for _ in range(3))

    def fail(self, site, words):
        self.failures.append(f"{site.folder.name}: {words}")
        print("FAIL", self.failures[-1], flush=True)


def await_nobody(own, record, site):
    """Every process that the killed grader had must be gone within the grace."""
    began, names = time.monotonic(), {}
    while time.monotonic() - began < GRACE_S:
        reap()
        names = below(own)
        if not names:
            record.slowest_s = max(record.slowest_s, time.monotonic() - began)
            return
        time.sleep(0.005)
    record.later["processes"] += len(names)
    record.fail(site, f"processes outlive the grader by {GRACE_S} s: {sorted(names.values())}")
    for pid in names:
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.1)
    reap()


def kill_once(site, pack, cold, chance, record):
    own, mounted = os.getpid(), mounts()
    if cold:
        site.empty_cache()
    moment = chance.random() ** 2 * site.length[pack, cold]
    process = site.start(pack, True)
    time.sleep(moment)
    names = below(process.pid)
    finished = process.poll() is not None
    process.kill()
    process.wait()
    record.phases["finished" if finished else phase_of(names.values())] += 1
    record.at_kill["processes"] += len(names)
    await_nobody(own, record, site)
    process.stdout.close()
    left = site.left(process.pid)
    record.at_kill.update(left)
    check_next(site, pack, process.pid, record, f"{pack} killed after {moment:.3f} s ({sorted(names.values())})")
    if mounts() != mounted:
        record.later["mounts"] += 1
        record.fail(site, "a mount stayed behind")


def check_next(site, pack, dead, record, what):
    process = site.start(pack, False)
    try:
        output = process.communicate(timeout=60)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        output = "no end within 60 s"
    if process.returncode != 0:
        record.fail(site, f"{what}: the next run does not pass (exit {process.returncode}):\n{output}")
    left = site.left(dead)
    record.later.update(left)
    for kind, count in left.items():
        if count:
            record.fail(site, f"{what}: the next start left {count} in {kind}")


def kill_while_compiling(site, record):
    """A source that keeps cc1 busy for hours: cc1 is no child of the grader, and has to die with it all the same."""
    path = site.folder / "endless.c"
    path.write_text(ENDLESS)
    process = site.start("hostile-matmul", False, path)
    end = time.monotonic() + 30
    while "cc1" not in below(process.pid).values() and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(1)
    names = below(process.pid)
    if "cc1" not in names.values() or process.poll() is not None:
        record.fail(site, "the endless source did not keep the compiler busy")
    process.kill()
    process.wait()
    process.stdout.close()
    record.phases["endless source"] += 1
    record.at_kill["processes"] += len(names)
    record.at_kill.update(site.left(process.pid))
    await_nobody(os.getpid(), record, site)
    check_next(site, "hostile-matmul", process.pid, record, "an endless compilation")


def run_for_long(text):
    head, brace, rest = text.partition("reference_hostile_matmul(")
    before, opening, body = rest.partition("{")
    return head + brace + before + opening + " for (volatile long i = 0; i < 4000000000; i++) {}" + body


def compile_for_long(text):
    """In one of the two precisions: the grader waits for the other one first."""
    return ENDLESS.replace("#if ", "#if REAL_IS_DOUBLE && ") + text


def spoilt_reference(site, folder, spoil):
    """A copy of the pack whose reference takes its time."""
    pack = site.folder / folder / "hostile-matmul"
    if not pack.exists():
        shutil.copytree(site.source / "tests/hostile/packs/hostile-matmul", pack)
        (pack / "reference.c").write_text(spoil((pack / "reference.c").read_text()))
        for path in pack.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
    return site.folder / folder


def strike(process, names):
    """Kills one that is at work: a grading begins with children that live for a moment and only try the sandbox out."""
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        first = below(process.pid)
        time.sleep(0.15)
        second = below(process.pid)
        for pid in second:
            if first.get(pid) != second[pid] or second[pid] not in names:
                continue
            try:
                os.kill(pid, signal.SIGKILL)
                return True
            except ProcessLookupError:
                continue
    return False


def kill_part(site, row, record):
    what, source, cold, names, code, words = row
    if what.startswith("the init") and site.level != "A":
        return
    files = {"endless": ENDLESS, "spinning": SPINNING}
    path = site.folder / f"{source}.c"
    path.write_text(files[source]) if source in files else None
    if cold:
        site.empty_cache()
    packs = None
    if source == "reference":
        packs = spoilt_reference(site, "packs", run_for_long)
    elif source == "endless_reference":
        packs = spoilt_reference(site, "endless_packs", compile_for_long)
    process = site.start("hostile-matmul", False, path if source in files else None, packs)
    struck = strike(process, names)
    try:
        output = process.communicate(timeout=60)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        output = "no end within 60 s"
    good = struck and process.returncode == code and words in " ".join(output.split())
    print(f"{site.folder.name}: {what} killed: exit {process.returncode}{'' if good else ', which is wrong'}",
          flush=True)
    if not good:
        record.fail(site, f"{what} was {'killed' if struck else 'never found'}:\n{output}")
    await_nobody(os.getpid(), record, site)
    if any(site.left(process.pid).values()):
        record.fail(site, f"{what} killed: something stayed behind: {site.left(process.pid)}")


def report(record, kills):
    print(f"{kills} kills, by what ran then: " + ", ".join(f"{n} {name}" for name, n in record.phases.most_common()))
    print(f"{'':12}{'at the kill':>12}{'after the next start':>22}")
    for kind in ("processes", "scratch", "cache", "cgroup", "mounts"):
        print(f"{kind:12}{record.at_kill[kind]:12}{record.later[kind]:22}")
    print(f"the last process of a killed grader was gone after {record.slowest_s * 1000:.0f} ms at most")
    print(f"{len(record.failures)} failures")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("harness")
    parser.add_argument("source")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    words = parser.parse_args()
    program, source = str(pathlib.Path(words.harness).resolve()), pathlib.Path(words.source).resolve()
    users = ["root", "nobody"] if os.geteuid() == 0 else ["user"]
    if users == ["user"]:
        print("not root: killed as this user only, with no cgroups to look at")
    print(f"--seed {words.seed}")
    adopt_orphans()
    chance, record = random.Random(words.seed), Record()
    with tempfile.TemporaryDirectory(prefix="harness-death-") as folder:
        os.chmod(folder, 0o755)
        sites = [Site(program, source, pathlib.Path(folder), user, level) for user in users for level in "AB"]
        for site in sites if words.kills > 0 else []:
            for pack in PACKS:
                site.measure(pack)
        for site in sites:
            kill_while_compiling(site, record)
            for row in PARTS if words.kills > 0 else []:
                kill_part(site, row, record)
        for number in range(words.kills):
            site = sites[number % len(sites)]
            pack = list(PACKS)[number // len(sites) % len(PACKS)]
            kill_once(site, pack, number // len(sites) // len(PACKS) % 2 == 0, chance, record)
            if number % 20 == 19:
                print(f"{number + 1} of {words.kills}", flush=True)
    report(record, words.kills + len(sites))
    return 1 if record.failures else 0


if __name__ == "__main__":
    sys.exit(main())
