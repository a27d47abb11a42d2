#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs are kept, listed, shown and compared: store_test.py HARNESS SOURCE_DIR."""

import json
import re
import resource
import sqlite3
import subprocess
import sys
import unittest

import program
from program import ALL, GOOD, Case, submission

WRONG = submission(ALL + "y[i] = 0.5f * x[i];")


class Store(Case):
    def setUp(self):
        super().setUp()
        self.state = self.place.path / "state"
        self.file = self.state / "harness" / "results.db"
        self.put("work.c", GOOD)

    def harness(self, *arguments, **more):
        more.setdefault("XDG_STATE_HOME", str(self.state))
        return self.place.run(*arguments, **more)

    def run_work(self, *options, **more):
        return self.harness("run", "--no-timing", *options, "work.c", **more)

    def count(self, table="result", file=None):
        with sqlite3.connect(file or self.file) as store:
            return store.execute(f"SELECT count(*) FROM {table}").fetchone()[0]

    def log(self, *options):
        return json.loads(self.harness("log", "--json", "-", *options).stdout)["runs"]

    def change(self, sql):
        with sqlite3.connect(self.file) as store:
            store.execute(sql)


class Keeping(Store):
    def test_every_run_is_kept(self):
        done = self.run_work()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.splitlines()[-1], "  run 1   harness show-run 1")
        self.put("work.c", WRONG)
        done = self.run_work()
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.splitlines()[-2:],
                         ["  your best so far is run 1 with 40 points", "  run 2   harness show-run 2"])
        self.assertEqual((self.count(), self.count("case_result"), self.count("machine")), (2, 10, 1))
        first, second = self.log()[::-1]
        self.assertEqual((first["verdict"], second["verdict"]), ("passed", "wrong_answer"))
        self.assertNotEqual(first["sha256"], second["sha256"])
        self.assertNotEqual(first["seed_reference"], second["seed_reference"])
        self.assertEqual((first["task"], first["command"], first["here"]),
                         (str((self.place.path / "work.c").resolve()), "run", True))

    def test_what_is_not_kept(self):
        self.run_work("--no-store")
        self.harness("run", "--case", "seven", "work.c")
        self.put("empty.c", "")
        self.harness("run", "--challenge", "good-scale", "empty.c")
        self.assertFalse(self.file.exists())

    def test_quiet_keeps_and_says_nothing_of_it(self):
        done = self.run_work("-q")
        self.assertEqual(len(done.stdout.splitlines()), 1, done.stdout)
        self.assertEqual(self.count(), 1)

    def test_json_stays_alone_on_the_standard_output(self):
        done = self.run_work("--json", "-")
        self.assertEqual(json.loads(done.stdout)["verdict"], "passed")
        self.assertIn("harness show-run 1", done.stderr)

    def test_a_secret_seed_is_not_in_the_store(self):
        self.run_work(HARNESS_SEED="12345678912345678")
        self.run_work(HARNESS_SEED="12345678912345678")
        everything = b"".join(path.read_bytes() for path in self.file.parent.iterdir())
        self.assertNotIn(b"12345678912345678", everything)
        self.assertEqual(len({run["seed_reference"] for run in self.log()}), 1)

    def test_a_named_store(self):
        done = self.run_work("--store", "a store.db")
        self.assertEqual(done.stdout.splitlines()[-1], "  run 1   harness show-run 1 --store 'a store.db'")
        self.assertEqual(self.harness("show-run", "1", "--store", "a store.db").returncode, 0)
        self.assertEqual(self.run_work(HARNESS_STORE=str(self.place.path / "a store.db")).returncode, 0)
        self.assertEqual(self.count(file=self.place.path / "a store.db"), 2)
        self.assertFalse(self.file.exists())

    def test_a_named_store_that_fails_is_found_out_first(self):
        self.put("text.db", "no database, but somebody's text\n" * 40)
        for store, word in (("text.db", "left as it is"), ("no/such/folder/x.db", "No such file"), (".", "no regular"),
                            ("", "empty"), ("postgresql://a:b@h/d", "PGPASSFILE")):
            done = self.run_work("--store", store)
            self.assertEqual((done.returncode, done.stdout), (2, ""), store)
            self.assertRegex(done.stderr, rf"\Aharness: [^\n]*{word}[^\n]*\n\Z")
        self.assertTrue((self.place.path / "text.db").read_text().startswith("no database"))

    def test_ones_own_store_that_fails_costs_a_note(self):
        self.state.write_text("a file where the folder should be")
        self.put("more.c", GOOD)
        done = self.harness("run", "--no-timing", "work.c", "more.c")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count("PASSED"), 2)
        self.assertNotIn("show-run", done.stdout)
        self.assertRegex(done.stderr, r"\Aharness: not kept: cannot make the folder [^\n]+\n\Z")

    def test_full_disk(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20))

        self.run_work()
        self.change("CREATE TABLE ballast (data BLOB)")
        self.change("INSERT INTO ballast VALUES (zeroblob(3000000))")
        done = self.run_work("-q", preexec_fn=limit)
        self.assertIn("PASSED", done.stdout)
        self.assertEqual((done.returncode, self.count()), (0, 1), done.stderr)
        self.assertRegex(done.stderr, r"\Aharness: not kept: [^\n]+\n\Z")
        self.assertEqual((self.run_work("-q").returncode, self.count()), (0, 2))

    def test_four_at_once(self):
        env = self.place.environment(XDG_STATE_HOME=str(self.state))
        many = [subprocess.Popen([program.HARNESS, "run", "--no-timing", "-q", "work.c"], cwd=self.place.path, env=env,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(4)]
        for process in many:
            out, _ = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 0, out)
            self.assertEqual(len(out.splitlines()), 1, out)
        self.assertEqual((self.count(), self.count("case_result")), (4, 20))


class Looking(Store):
    def test_log(self):
        self.run_work()
        self.put("a_name_that_is_much_too_long.c", WRONG)
        self.harness("run", "--no-timing", "--challenge", "good-scale", "a_name_that_is_much_too_long.c")
        done = self.harness("log")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        head, second, first = done.stdout.splitlines()
        self.assertRegex(head, r"^   N  when +who or file +challenge +verdict +points +speed$")
        self.assertRegex(first, r"^   1  \d\d-\d\d \d\d:\d\d work\.c +good-scale +PASSED +40/100 +-$")
        self.assertRegex(second, r"^   2  \S+ \S+ uch_too_long\.c good-scale +WRONG ANSWER +\S+/100 +-$")
        self.assertEqual(len(self.harness("log", "good-scale").stdout.splitlines()), 3)
        other = self.harness("log", "good-pair")
        self.assertEqual((other.returncode, other.stdout), (5, ""))
        more = self.harness("log", "-v").stdout
        self.assertIn("sandbox level", more)
        for line in (done.stdout + more).splitlines():
            self.assertLessEqual(len(line), 80)

    def test_wide_names_are_cut_between_characters(self):
        self.put("\u65e5\u672c\u8a9e\u65e5\u672c\u8a9ea.c", GOOD)
        self.harness("run", "--no-timing", "-q", "\u65e5\u672c\u8a9e\u65e5\u672c\u8a9ea.c")
        row = self.harness("log", LC_ALL="C.UTF-8").stdout.splitlines()[1]
        self.assertIn(" \u672c\u8a9e\u65e5\u672c\u8a9ea.c  good-scale ", row)

    def test_an_empty_log(self):
        done = self.harness("log")
        self.assertEqual((done.returncode, done.stdout), (5, ""))
        self.assertIn("nothing is kept yet", done.stderr)
        self.assertFalse(self.state.exists(), "looking makes nothing")
        done = self.harness("log", "--store", "typo.db")
        self.assertEqual((done.returncode, "--no-store" in done.stderr), (2, False), "it is no option of `harness log'")
        self.assertFalse((self.place.path / "typo.db").exists())

    def test_a_long_log(self):
        self.run_work()
        for i in range(30):
            self.change("INSERT INTO run (name, command, seed_reference, started) VALUES "
                        f"('r{i}', 'grade', '', '2026-01-02T03:04:05Z')")
            self.change("INSERT INTO result SELECT NULL, (SELECT max(run_id) FROM run), machine_id, task, person, "
                        "shard, started, file, sha256, challenge, challenge_version, level, compiler, flags, "
                        "verdict, points, max_points, ratio, ratio_low, ratio_high, timed, wall_ns, exit_code, "
                        "document FROM result WHERE number = 1")
        lines = self.harness("log").stdout.splitlines()
        self.assertEqual((len(lines), lines[-1]), (22, "   ..  older ones: harness log -v"))
        self.assertEqual(len(self.log()), 31)

    def test_show_run(self):
        self.put("work.c", WRONG)
        graded = self.run_work("--json", "r.json")
        done = self.harness("show-run", "1")
        self.assertEqual((done.returncode, done.stderr), (0, ""), graded.stderr)
        data = json.loads((self.place.path / "r.json").read_text())
        for word in ("WRONG ANSWER", data["submission"]["sha256"], data["seed"], data["machine"]["cpu"], "seven",
                     f"sandbox level {data['machine']['sandbox']['level']}", data["build"]["flags"]):
            self.assertIn(word, done.stdout)
        self.assertNotIn("hidden_prime", done.stdout)
        for line in done.stdout.splitlines():
            self.assertLessEqual(len(line), 80)
        self.assertEqual(json.loads(self.harness("show-run", "1", "--json", "-").stdout), data)
        self.assertEqual(self.harness("show-run", "1", "-q").stdout, "work.c: WRONG ANSWER\n")
        self.assertGreater(len(self.harness("show-run", "1", "-v").stdout), len(done.stdout))

    def test_show_run_that_is_not_there(self):
        for number in ("1", "99", "0", "x", "-1x", "1x", "99999999999999999999"):
            done = self.harness("show-run", number)
            self.assertEqual((done.returncode, done.stdout), (2, ""), number)
            self.assertEqual(done.stderr.count("\n"), 1)

    def test_names_cannot_command_the_terminal(self):
        name = "x\033[31m\n::error::'; DROP TABLE result;--.c"
        self.put(name, GOOD)
        self.harness("run", "--no-timing", name)
        for arguments in (("log",), ("log", "-v"), ("show-run", "1"), ("log", "--json", "-")):
            out = self.harness(*arguments).stdout
            self.assertNotIn("\033", out)
            self.assertFalse(re.search(r"(?m)^\s*::", out))
        self.assertEqual(self.count(), 1)

    def test_what_the_shell_may_write_but_not_read(self):
        """A store from a newer harness is left alone by everything."""
        self.run_work()
        self.change("PRAGMA user_version = 99")
        for arguments in (("log",), ("show-run", "1"), ("run", "--no-timing", "--store", str(self.file), "work.c")):
            done = self.harness(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("newer harness", done.stderr)
        done = self.run_work()
        self.assertEqual(done.returncode, 0)
        self.assertIn("not kept: ", done.stderr)


class Speeds(Store):
    """One real grading with times; the earlier ones are copies of it with other numbers."""

    def run_timed(self):
        done = self.harness("run", "--timing-budget", "4", "work.c")
        if "PASSED" not in done.stdout:
            self.skipTest("this machine is too busy to time anything")
        return done.stdout

    def test_compared(self):
        self.assertNotIn("your last run", self.run_timed())
        self.change("UPDATE result SET ratio = 100, ratio_low = 99, ratio_high = 101")
        self.assertRegex(self.run_timed(), r"(?m)^  0\.\d+x the speed of your last run \[[0-9.]+, [0-9.]+\]$")
        self.change("UPDATE machine SET cpu = 'Another CPU'")
        self.assertRegex(self.harness("log").stdout, r"100x\*\n  \* on another machine")
        self.assertFalse(self.log()[0]["here"])
        self.assertIn("your last run, run 2, was on another machine (CPU): speeds are not compared",
                      " ".join(self.run_timed().split()))


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
