#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stopping the real program, and its look at the machine: signal_test.py HARNESS SOURCE_DIR."""

import json
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest

import program
from program import Case, submission


def descendants(pid):
    """Every process below `pid` and its start time, so that a reused number is not taken for it."""
    found, parents = {}, {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = (int(fields[1]), fields[19])
    below = {pid}
    while True:
        more = {child for child, (parent, _) in parents.items() if parent in below} - below
        if not more:
            break
        below |= more
        found.update({child: parents[child][1] for child in more})
    return found


def alive(pid, started):
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[19] == started and fields[0] != "Z"


class Signals(Case):
    SLOW = submission("for (volatile int k = 0; ; k++) {}")

    def start(self):
        pack = self.place.path / "packs" / "good-scale"
        shutil.copytree(program.SOURCE / "tests" / "data" / "packs" / "good-scale", pack)
        spec = json.loads((pack / "challenge.json").read_text())
        spec["limits"]["call_ms"] = 30000
        (pack / "challenge.json").write_text(json.dumps(spec))
        self.put("work.c", self.SLOW)
        return subprocess.Popen([program.HARNESS, "run", "--challenges", "packs", "--json", "result.json", "work.c"],
                                cwd=self.place.path, env=self.place.environment(), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_for_worker(self, process):
        """Until a process below it has burnt processor time: the endless call is running."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            for pid in descendants(process.pid):
                try:
                    stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
                    command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
                except OSError:
                    continue
                if b"worker" in command and int(stat.rpartition(")")[2].split()[11]) > 50:
                    return
            time.sleep(0.05)
        self.fail("the submission never ran")

    def interrupt(self, number, code):
        process = self.start()
        self.addCleanup(lambda: process.poll() is None and process.kill())
        self.wait_for_worker(process)
        below = descendants(process.pid)
        self.assertTrue(below)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, code, out + err)
        self.assertIn("stopping", err)
        data = json.loads((self.place.path / "result.json").read_text())
        self.assertIn(data["verdict"], ("skipped", "time_limit"))
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and any(alive(*each) for each in below.items()):
            time.sleep(0.05)
        self.assertEqual([pid for pid, started in below.items() if alive(pid, started)], [])

    def test_interrupt(self):
        self.interrupt(signal.SIGINT, 130)

    def test_twice_is_at_once(self):
        process = self.start()
        self.addCleanup(lambda: process.poll() is None and process.kill())
        self.wait_for_worker(process)
        below = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and any(alive(*each) for each in below.items()):
            time.sleep(0.05)
        self.assertFalse(any(alive(*each) for each in below.items()))
        self.place.run("list")
        self.place.run("run", "--no-timing", "work.c", timeout=60)  # the next start removes what this one left

    def test_terminate(self):
        self.interrupt(signal.SIGTERM, 143)


class Doctor(Case):
    def test_doctor(self):
        done = self.place.run("doctor")
        self.assertIn(done.returncode, (0, 4))
        self.assertEqual(done.returncode == 0, "\nREADY" in done.stdout)
        for row in ("sandbox", "scratch", "compiler", "own parts", "cache", "clock", "governor", "turbo", "huge pages",
                    "processor", "cores", "load", "kernel", "roofs", "OpenBLAS"):
            self.assertRegex(done.stdout, rf"(?m)^{row} ")
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
        done = self.place.run("doctor", PATH="/nowhere", HARNESS_CC="/nowhere/gcc")
        self.assertEqual(done.returncode, 4)


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
