#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`harness grade --engine slurm` with clients that lie, fail and lose what they were given: slurm_test.py HARNESS
SOURCE_DIR. The real ones are tests/cluster's."""

import os
import signal
import subprocess
import sys
import time
import unittest

import program
from program import Case

LOST = "exit 0"
AWAY = "echo 'error: Unable to contact slurm controller' >&2; exit 1"
RUNS = 'for script; do :; done; SLURM_ARRAY_TASK_ID=1 sh "$script" >/dev/null 2>&1; echo 1'


class Clients(Case):
    def setUp(self):
        super().setUp()
        self.bin = self.place.path / "bin"
        self.bin.mkdir()
        (self.place.path / "work").mkdir()
        self.put("work/ana__what.c", "int of_no_challenge;\n")
        self.client("scontrol", "echo 'MaxArraySize            = 1001'")
        self.client("squeue", "exit 0")
        self.client("scancel", AWAY)

    def client(self, name, script):
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def start(self, results="out"):
        env = self.place.environment(PATH=f"{self.bin}:{os.environ['PATH']}", XDG_STATE_HOME=str(self.place.path))
        return subprocess.Popen([program.HARNESS, "grade", "--engine", "slurm", "--no-timing", "--no-store",
                                 "--results", results, "work"], cwd=self.place.path, env=env, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_rounds(self):
        """A submission that is lost, then a controller that is away, cost a round each and not the run."""
        self.client("sbatch", f"echo >> {self.bin}/calls\ncase $(wc -l < {self.bin}/calls) in\n"
                              f"1) {LOST} ;;\n2) {AWAY} ;;\n*) {RUNS} ;;\nesac")
        driver = self.start()
        out, err = driver.communicate(timeout=120)
        self.assertEqual(driver.returncode, 1, out + err)
        self.assertEqual((self.bin / "calls").read_text(), "\n\n\n")
        self.assertIn("sbatch failed with status 1: error: Unable to contact", err)
        self.assertEqual(len(list((self.place.path / "out" / "results").iterdir())), 1)

    def test_the_first_refusal_is_the_last(self):
        self.client("sbatch", f"echo \"$@\" > {self.bin}/words; echo 'error: invalid partition' >&2; exit 1")
        driver = self.start("50%A")
        out, err = driver.communicate(timeout=60)
        self.assertEqual(driver.returncode, 4, out + err)
        self.assertIn("invalid partition", err)
        self.assertIn("/50%%A/slurm/log/%a.log --error", (self.bin / "words").read_text())

    def test_what_cannot_be_cancelled_is_said(self):
        self.client("sbatch", f"echo > {self.bin}/called")
        self.client("squeue", f"[ -e {self.bin}/called ] && echo 'RUNNING|None'; exit 0")
        driver = self.start()
        end = time.monotonic() + 60
        while not (self.bin / "called").exists() and time.monotonic() < end:
            time.sleep(0.05)
        driver.send_signal(signal.SIGINT)
        out, err = driver.communicate(timeout=60)
        self.assertEqual(driver.returncode, 130, out + err)
        self.assertRegex(err, r"(?m)^harness: scancel failed with status 1: .*; what is in the queue goes on, end it "
                              r"with `scancel --me --name=harness-[0-9a-f]{16}-[0-9a-f]{8}' when Slurm answers\.$")


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
