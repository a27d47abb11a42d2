#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""SIGKILL at random moments: kill_test.py HARNESS SOURCE_DIR [KILLS [SEED]].

One class is graded into one folder; whoever grades it is killed, with all of its graders or one of them, until so many
have been killed; then it is graded to the end. No result may be lost, doubled, changed, or other than an undisturbed
run's. Scratch folders of the killed have to be gone in the end.
"""

import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import program
from grade_test import BROKEN, CRASH, GOOD, WRONG, children

PEOPLE = 12
TEXTS = [(GOOD, "passed"), (WRONG, "wrong_answer"), (BROKEN, "compile_error"), (CRASH, "crashed")]


class Trial:
    def __init__(self, seed):
        self.place = program.Place()
        self.random = random.Random(seed)
        self.work, self.out = self.place.path / "work", self.place.path / "out"
        self.expected, self.seen, self.kills = {}, {}, 0

    def put_class(self):
        for i in range(PEOPLE):
            text, verdict = TEXTS[i % len(TEXTS)]
            person = self.work / f"person{i:02}"
            person.mkdir(parents=True)
            (person / "good_scale.c").write_text(text)
            self.expected[f"person{i:02}/good-scale"] = verdict

    def start(self):
        env = self.place.environment(XDG_STATE_HOME=str(self.place.path / "state"))
        return subprocess.Popen([program.HARNESS, "grade", "--no-timing", "-q", "-j2", "--no-store", "--seed", "5",
                                 "--results", "out", "work"], cwd=self.place.path, env=env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def look(self):
        """A result that was there once stays as it was, and is whole."""
        folder, now = self.out / "results", {}
        for path in folder.iterdir() if folder.exists() else []:
            if not path.name.startswith("."):
                now[path.name] = path.read_bytes()
                json.loads(now[path.name])
        for name, text in self.seen.items():
            assert now.get(name) == text, f"{name} was lost or changed"
        self.seen = now

    def marks(self, letter):
        """The most that any unfinished task has: a task that is begun too often, or whose grader dies too often, would
        get a result that says so, and rightly."""
        folder = self.out / "attempts"
        return max([path.read_text().count(letter) for path in folder.iterdir()] if folder.exists() else [0], default=0)

    def kill_once(self):
        """Each time after another while: from the start of the program to several results."""
        if self.marks("b") >= 15:
            self.finish()
            self.start_over()
        process = self.start()
        time.sleep(self.random.choice([0.02, 0.2, 1.0]) * self.random.random() + 0.01)
        victims = [process.pid] if self.random.random() < 0.7 or self.marks("d") >= 2 else children(process.pid)[:1]
        for victim in victims:
            try:
                os.kill(victim, signal.SIGKILL)
                self.kills += 1
            except ProcessLookupError:
                pass
        if victims != [process.pid]:
            time.sleep(0.3 * self.random.random())
            process.kill()
        process.communicate(timeout=60)
        self.look()

    def start_over(self):
        """All are graded: the next kill needs something to do."""
        for path in sorted((self.out / "results").iterdir()):
            path.unlink()
        for path in (self.out / "attempts").iterdir():
            path.unlink()
        self.seen = {}

    def finish(self):
        process = self.start()
        out, err = process.communicate(timeout=300)
        assert process.returncode == 1, f"exit {process.returncode}: {out}{err}"
        self.look()
        records = [json.loads(text) for text in self.seen.values()]
        verdicts = {record["task"]: record["result"]["verdict"] for record in records}
        assert len(records) == PEOPLE and verdicts == self.expected, f"{verdicts} instead of {self.expected}"
        assert not [p for p in (self.out / "results").iterdir() if p.name.startswith(".")], "temporary files stayed"

    def run(self, kills):
        self.put_class()
        rounds = 0
        while self.kills < kills:
            self.kill_once()
            if len(self.seen) == PEOPLE:
                self.finish()
                self.start_over()
                rounds += 1
        time.sleep(0.5)  # graders outlive the one that was killed by a moment
        self.finish()
        left = self.place.leftovers()
        assert not left, f"scratch folders stayed behind: {left}"
        print(f"{self.kills} kills, {rounds + 1} classes of {PEOPLE}: none lost, none doubled, none changed")
        self.place.close()


if __name__ == "__main__":
    rest = program.setup(sys.argv)[1:]
    seed = int(rest[1]) if len(rest) > 1 else random.randrange(1 << 30)
    print(f"seed {seed}")
    Trial(seed).run(int(rest[0]) if rest else 5)
