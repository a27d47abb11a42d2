#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command line of the real program, without grading anything: args_test.py HARNESS SOURCE_DIR."""

import os
import sys
import unittest

import program

SCALE = "tests/data/packs/good-scale/solutions/accepted_simple.c"

# words of the command line, what the sentence has to hold
WRONG = [
    (["rum", "a.c"], "there is no command 'rum'; did you mean 'run'?"),
    (["shwo", "good-scale"], "did you mean 'show'?"),
    (["frobnicate"], "there is no command 'frobnicate'"),
    (["attention.c"], "did you mean 'harness run attention.c'?"),
    (["--verion"], "did you mean '--version'?"),
    (["run"], "needs a C file to grade"),
    (["show"], "needs the id of a challenge"),
    (["start"], "needs the id of a challenge"),
    (["list", "all"], "'all' is one word too many"),
    (["doctor", "me"], "'me' is one word too many"),
    (["run", "--js", "x", "a.c"], "there is no option '--js'; did you mean '--json'?"),
    (["run", "--no-timng", "a.c"], "did you mean '--no-timing'?"),
    (["run", "-z", "a.c"], "there is no option '-z'"),
    (["run", "a.c", "--seed"], "option '--seed' needs a value"),
    (["run", "--seed", "x", "a.c"], "option --seed cannot be 'x'"),
    (["run", "--raw=yes", "a.c"], "option '--raw' takes no value"),
    (["run", "--threads", "-3", "a.c"], "option --threads cannot be '-3'"),
    (["run", "--require-sandbox", "X", "a.c"], "option --require-sandbox cannot be 'X'"),
    (["--color", "sometimes", "list"], "option --color cannot be 'sometimes'"),
    (["list", "--json", "x"], "'--json' is an option of `harness run`, not of `harness list`"),
    (["run", "--json", "-", "--junit", "-", "a.c"], "cannot both go to '-'"),
    (["--challenges", "nowhere", "list"], "cannot read the folder of challenges 'nowhere'"),
    (["show", "good-scal"], "there is no challenge 'good-scal'; did you mean 'good-scale'?"),
    (["show", "zzzzzzzz"], "there is no challenge 'zzzzzzzz'"),
    (["start", "good-scal"], "did you mean 'good-scale'?"),
    (["run", "missing.c"], "there is no file 'missing.c'"),
    (["run", "."], "'.' is a folder"),
    (["run", "unknown.c"], "cannot tell which challenge 'unknown.c' is for"),
    (["run", "gud_scale.c"], "did you mean 'good-scale'?"),
    (["run", "--challenge", "good-scal", "unknown.c"], "did you mean 'good-scale'?"),
    (["run", "directed.c"], "did you mean 'good-scale'?"),
    (["run", "good_scale.c", "missing.c"], "there is no file 'missing.c'"),
    (["run", "--json", "nowhere/x.json", "good_scale.c"], "cannot write 'nowhere/x.json'"),
    (["run", "--json", ".", "good_scale.c"], "cannot write '.'"),
    (["run", "--junit", "", "good_scale.c"], "the value of option --junit is empty"),
    (["run", "evil\x1b[2J\n::error::.c"], "\\x1b[2J\\n::error::.c"),
]


class Case(unittest.TestCase):
    def setUp(self):
        self.place = program.Place()
        self.addCleanup(self.place.close)

    def put(self, name, text=""):
        (self.place.path / name).write_text(text)


class Mistakes(Case):
    def test_one_sentence_and_exit_2(self):
        self.put("unknown.c")
        self.put("gud_scale.c")
        self.put("directed.c", "// harness: good-scael\n")
        self.put("good_scale.c")
        for words, sentence in WRONG:
            with self.subTest(words):
                done = self.place.run(*words)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertRegex(done.stderr, r"\Aharness: [^\n]+\n\Z")
                self.assertIn(sentence, done.stderr)

    def test_environment(self):
        self.put("good_scale.c")
        done = self.place.run("run", "good_scale.c", HARNESS_SEED="soon")
        self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1))
        self.assertIn("HARNESS_SEED", done.stderr)
        done = self.place.run("list", HARNESS_PATH="/nowhere")
        self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1))
        self.assertIn("HARNESS_PATH", done.stderr)

    def test_unreadable_file(self):
        self.put("good_scale.c")
        (self.place.path / "good_scale.c").chmod(0)
        become = None
        if os.geteuid() == 0:
            def become():
                os.setgid(65534)
                os.setuid(65534)
        try:
            done = self.place.run("run", "good_scale.c", preexec_fn=become)
        except PermissionError:
            self.skipTest("the program lies where another user cannot start it")
        if os.geteuid() == 0 and "good_scale.c" not in done.stderr:
            self.skipTest("the challenges lie where another user cannot read them")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("cannot read 'good_scale.c': Permission denied", done.stderr)


class Help(Case):
    def test_help_anywhere(self):
        for words in (["--help"], ["-h"], ["run", "-h"], ["run", "--help", "missing.c"], ["-h", "run"],
                      ["run", "--bogus", "-h"]):
            with self.subTest(words):
                done = self.place.run(*words)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertIn("Exit codes:", done.stdout)
                self.assertNotIn("sandbox-at-most", done.stdout)
                self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)

    def test_alone(self):
        done = self.place.run()
        self.assertEqual(done.returncode, 2)
        self.assertLessEqual(len(done.stdout.splitlines()), 14)
        self.assertIn("harness run attention_causal.c", done.stdout)

    def test_version(self):
        done = self.place.run("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"\Aharness \d+\.\d+\.\d+\n\Z")

    def test_full_disk_on_the_standard_output(self):
        for words in (["--version"], ["--help"], ["list"]):
            with open("/dev/full", "w") as full:
                done = self.place.run(*words, stdout=full)
            self.assertEqual(done.returncode, 4, words)
            self.assertIn("cannot write to the standard output", done.stderr)


class Packs(Case):
    def test_list(self):
        done = self.place.run("list")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"(?m)^kernels\n(?:  .*\n)*  good-scale +easy +1  \w+ +Scale a vector$")
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)

    def test_a_broken_pack_costs_only_itself(self):
        folder = self.place.path / "packs" / "half-made"
        folder.mkdir(parents=True)
        (folder / "challenge.json").write_text('{"spec": 1, "titel": "x"')
        done = self.place.run("--challenges", "packs", "list")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"(?m)^  half-made +BROKEN$")
        self.assertIn("good-scale", done.stdout)
        self.assertEqual(self.place.run("show", "good-scale", "--challenges", "packs").returncode, 0)
        done = self.place.run("--challenges", "packs", "show", "half-made")
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("challenge.json", done.stderr)

    def test_show(self):
        done = self.place.run("show", "good-scale")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("seven", done.stdout)
        self.assertIn("4 public, 1 hidden", done.stdout)
        self.assertNotIn("hidden_prime", done.stdout)
        self.assertNotIn("4099", done.stdout)

    def test_every_statement_fits_the_screen(self):
        lines = self.place.run("list").stdout.splitlines()[1:]
        ids = [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]
        self.assertIn("good-scale", ids)
        for name in ids:
            done = self.place.run("show", name)
            for line in done.stdout.splitlines():
                with self.subTest(name=name, line=line):
                    self.assertLessEqual(len(line), 80)

    def test_start(self):
        done = self.place.run("start", "good-scale", "new")
        self.assertEqual((done.returncode, done.stdout), (0, "new/good_scale.c\n"))
        self.assertIn("harness run new/good_scale.c", done.stderr)
        pack = program.SOURCE / "tests" / "data" / "packs" / "good-scale"
        new = self.place.path / "new"
        self.assertEqual((new / "good_scale.c").read_text(), (pack / "starter.c").read_text())
        self.assertEqual((new / "good-scale.h").read_text(), (pack / "good-scale.h").read_text())

    def test_start_keeps_the_promise_to_itself(self):
        self.assertEqual(self.place.run("start", "good-descent").returncode, 0)
        promised = (program.SOURCE / "tests/data/packs/good-descent/starter.c").read_text().splitlines()
        self.assertEqual((self.place.path / "good_descent.c").read_text().splitlines(),
                         [line for line in promised if line != "// fails: steps rates"])
        self.assertIn("// fails: steps rates", promised)

    def test_start_never_overwrites(self):
        self.put("good_scale.c", "mine")
        done = self.place.run("start", "good-scale")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("'good_scale.c' is there already", done.stderr)
        self.assertEqual((self.place.path / "good_scale.c").read_text(), "mine")
        self.assertFalse((self.place.path / "good-scale.h").exists())
        (self.place.path / "good_scale.c").unlink()
        self.put("good-scale.h", "mine")
        self.assertEqual(self.place.run("start", "good-scale").returncode, 2)
        self.assertFalse((self.place.path / "good_scale.c").exists())
        (self.place.path / "good-scale.h").unlink()
        self.assertEqual(self.place.run("start", "good-scale").stdout, "good_scale.c\n")
        (self.place.path / "good_scale.c").unlink()
        self.assertEqual(self.place.run("start", "good-scale").returncode, 0, "the same header may stay")

    def test_start_where_nothing_can_be_written(self):
        done = self.place.run("start", "good-scale", "no/such/folder")
        self.assertEqual((done.returncode, done.stdout), (2, ""))


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
