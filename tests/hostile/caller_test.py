#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Callers that hand down something odd: caller_test.py HARNESS SOURCE_DIR WITHOUT [TEST...]

Limits, closed descriptors, signals, variables, and a compiler that is none."""
import json
import os
import pathlib
import resource
import signal
import subprocess

import poor_machine
import program
from poor_machine import ROOT, USERS, Case, as_nobody, flat


class Limits(Case):
    def under(self, limit, value):
        return lambda: resource.setrlimit(limit, (value, value))

    def either(self, limit, value, words):
        """Passes, or says what is too little; the verdict is never the candidate's."""
        for user in USERS:
            with self.subTest(user=user, limit=limit, value=value):
                done = self.grade(user, before=self.under(limit, value))
                self.assertIn(done.returncode, (0, 4), done.stdout + done.stderr)
                if done.returncode == 4:
                    self.assertRegex(flat(done), words)

    def test_few_descriptors(self):
        for count in (256, 128):
            self.passes(before=self.under(resource.RLIMIT_NOFILE, count))
        for count in (64, 32, 24, 16, 12, 8, 6, 4):
            self.either(resource.RLIMIT_NOFILE, count, "Too many open files")

    def test_small_address_space(self):
        for mib in (4096, 1024, 200, 100, 50, 20):
            self.either(resource.RLIMIT_AS, mib << 20, "ulimit -v")
        for mib in (1024, 50, 20):
            self.either(resource.RLIMIT_DATA, mib << 20, "ulimit -d")

    def test_small_files(self):
        for kib in (1024, 64, 8, 1, 0):
            self.either(resource.RLIMIT_FSIZE, kib << 10, "File too large|limit on the size of files")

    def test_few_processes(self):
        if not ROOT:
            self.skipTest("how many processes this user has is not known")
        for count in (64, 8, 2, 1):
            with self.subTest(count=count):
                done = self.grade("root", wrap=as_nobody([]) + ["prlimit", f"--nproc={count}"],
                                  environment={"XDG_CACHE_HOME": None})
                self.assertIn(done.returncode, (0, 4), done.stdout + done.stderr)
                if done.returncode == 4:
                    self.assertRegex(flat(done), "ulimit -u|level D")

    def test_small_stack(self):
        for kib in (8192, 512, 64):
            self.either(resource.RLIMIT_STACK, kib << 10, "ulimit -s")

    def test_no_locked_memory_and_no_queues(self):
        self.passes(before=self.under(resource.RLIMIT_MEMLOCK, 0))

    def test_little_memory_for_the_group(self):
        base = pathlib.Path("/sys/fs/cgroup/memory")
        if not ROOT or not (base / "memory.limit_in_bytes").exists():
            self.skipTest("needs root and a memory cgroup of version 1")
        group = base / f"harness-test-{os.getpid()}"
        group.mkdir()
        try:
            for mib in (256, 64, 32):
                (group / "memory.limit_in_bytes").write_text(str(mib << 20))
                done = self.grade("root", before=lambda: (group / "cgroup.procs").write_text(str(os.getpid())))
                self.assertIn(done.returncode, (0, 4, -signal.SIGKILL), f"{mib} MiB: {done.stdout}{done.stderr}")
        finally:
            group.rmdir()


class Surroundings(Case):
    def test_closed_descriptors(self):
        for fds, codes in (([0], [0]), ([2], [0]), ([0, 2], [0]), ([1], [4]), ([0, 1], [4]), ([0, 1, 2], [4])):
            with self.subTest(closed=fds):
                shell = "exec \"$@\" " + " ".join("0<&-" if fd == 0 else f"{fd}>&-" for fd in fds)
                done = self.grade(USERS[0], "--json", "r.json", wrap=["sh", "-c", shell, "sh"])
                self.assertIn(done.returncode, codes, done.stdout + done.stderr)
                self.assertEqual(json.loads((self.place.path / "r.json").read_text())["verdict"], "passed")
                self.assertEqual((self.place.path / "work.c").read_text(), program.GOOD)

    def test_signals_that_a_caller_hands_down(self):
        def ignore(*numbers):
            for number in numbers:
                signal.signal(number, signal.SIG_IGN)
        self.passes(before=lambda: ignore(signal.SIGCHLD))
        self.passes(before=lambda: ignore(signal.SIGPIPE, signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGXFSZ))
        self.passes(before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)))
        bad = program.submission("retrun 0;")
        (self.place.path / "bad.c").write_text(bad)
        (self.place.path / "crash.c").write_text(program.submission("__builtin_trap();"))
        for file, word in (("bad.c", "COMPILE ERROR"), ("crash.c", "CRASHED")):
            for level in "ABC":
                self.is_refused("--sandbox-at-most", level, "--require-sandbox", "C", file=file, code=1, words=[word],
                                before=lambda: ignore(signal.SIGCHLD))

    def test_blocked_signals_do_not_make_it_deaf(self):
        endless = program.submission("for (volatile int k = 0; ; k++) {}")
        (self.place.path / "endless.c").write_text(endless)
        block = lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])  # noqa: E731
        process = subprocess.Popen([program.HARNESS, "run", "endless.c"], cwd=self.place.path, preexec_fn=block,
                                   env=self.place.environment(XDG_CACHE_HOME=str(self.cache)),
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            process.communicate(timeout=0.3)
        except subprocess.TimeoutExpired:
            process.terminate()
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 143)

    def test_path(self):
        for path in ("", "/nowhere", "relative:.", None):
            with self.subTest(path=path):
                self.passes(environment={"PATH": path, "HARNESS_CC": None})

    def test_locales(self):
        for name in ("C", "tr_TR.UTF-8", "de_DE", "no such", ""):
            with self.subTest(name=name):
                self.passes(environment={"LC_ALL": name, "LANG": name, "LANGUAGE": name})


class Compilers(Case):
    def script(self, body):
        path = self.place.path / "cc"
        path.write_text("#!/bin/sh\n" + body)
        path.chmod(0o755)
        return {"HARNESS_CC": str(path)}

    def is_named(self, body, *words):
        for level in "AC":
            self.is_refused("--sandbox-at-most", level, "--require-sandbox", "C", users=USERS[:1],
                            environment=self.script(body), words=["HARNESS_CC"] + (list(words) if level == "C" else []))

    def test_missing(self):
        for name in ("/nowhere/gcc", "no-such-gcc", "relative/gcc", str(self.place.path), "/etc/passwd"):
            with self.subTest(name=name):
                self.is_refused(environment={"HARNESS_CC": name}, words=[name, "HARNESS_CC"])

    def test_no_compiler_at_all(self):
        self.is_named("exit 1\n", "does not say which gcc it is")
        self.is_named("", "does not say which gcc it is")
        self.is_named("echo I am no compiler\n", "I am no compiler")
        self.is_named("head -c 3000000 /dev/zero\n", "does not say which gcc it is")

    def test_one_that_hangs(self):
        self.is_refused("--sandbox-at-most", "C", "--require-sandbox", "C", users=USERS[:1],
                        words=["HARNESS_CC", "did not answer within"], environment=self.script("sleep 1000\n"))

    def test_one_that_hangs_later(self):
        body = '[ "$1" = -dumpfullversion ] && echo 12.2.0 && exit\nsleep 1000\n'
        self.is_refused("--sandbox-at-most", "C", "--require-sandbox", "C", users=USERS[:1],
                        words=["used up its time", "HARNESS_CC"], environment=self.script(body))

    def test_one_that_does_nothing(self):
        body = '[ "$1" = -dumpfullversion ] && echo 12.2.0\nexit 0\n'
        self.is_refused("--sandbox-at-most", "C", "--require-sandbox", "C", users=USERS[:1], words=["HARNESS_CC"],
                        environment=self.script(body))


if __name__ == "__main__":
    poor_machine.main()
