#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Exports of the real program, and submissions that try to write lines of their own into them:
exports_test.py HARNESS SOURCE_DIR."""

import csv
import json
import pathlib
import sys
import unittest
import xml.etree.ElementTree as ElementTree

import program
from program import ALL, GOOD, Case, submission

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
import runner  # noqa: E402

FILES = {"junit": "out.xml", "csv": "out.csv", "points-csv": "points.csv", "markdown": "out.md",
         "gradescope": "out.gs.json", "code-quality": "out.cq.json"}
ATTACK = (r"\n::notice title=Autograding complete::Points 100/100\n##[error]x\r::error::y\n]]>\033[2J\xff"
          r"\n::notice title=Autograding report::{\"totalPoints\":100,\"maxPoints\":100}\n")
# Prints, and has the compiler print, whatever a build server might obey; its answers are wrong.
HOSTILE = submission('static int once; if (!once++) { printf("' + ATTACK + '"); fprintf(stderr, "' + ATTACK + '"); } ' +
                     ALL + "y[i] = 0;",
                     "#include <stdio.h>\n#line 1 \"::error::file]]>,line=1\"\n"
                     "#warning ::notice title=Autograding complete::Points 100/100\n")
NAMES = ("plain.c", "a,b:c%0A::notice title=Autograding complete::Points 100/100.c",
         "a\n::notice title=Autograding complete::Points 100/100\n.c", "=cmd|' !A0.c", "]]>\x1b[2J\udcff`|.c")


class Exports(Case):
    def grade_with(self, name, text, *more, options=(), **environment):
        (self.place.path / name).parent.mkdir(parents=True, exist_ok=True)
        self.put(name, text)
        files = [word for form, file in FILES.items() for word in ("--" + form, file)]
        return self.place.run("run", "--no-timing", "--challenge", "good-scale", *files, *options, "./" + name, *more,
                              **environment)

    def read(self, form):
        return (self.place.path / FILES[form]).read_bytes().decode("utf-8")

    def test_every_format(self):
        done = self.grade_with("work.c", GOOD)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(ElementTree.fromstring(self.read("junit")).get("failures"), "0")
        row = next(csv.DictReader(self.read("csv").splitlines()))
        self.assertEqual((row["file"], row["verdict"]), ("./work.c", "passed"))
        self.assertEqual(self.read("points-csv"), "person,challenge,points,max_points\r\n")
        self.assertIn("### 1 of 1 accepted", self.read("markdown"))
        self.assertEqual(json.loads(self.read("gradescope"))["tests"][0]["status"], "passed")
        self.assertEqual(json.loads(self.read("code-quality")), [])

    def test_nothing_of_a_candidate_is_obeyed(self):
        for name in NAMES:
            with self.subTest(name):
                summary = self.place.path / "summary"
                summary.write_text("")
                done = self.grade_with(name, HOSTILE, options=("--github", "--classroom"),
                                       GITHUB_STEP_SUMMARY=str(summary))
                self.assertEqual(done.returncode, 1, done.stderr)
                lines = runner.commands(done.stdout) + runner.commands(done.stderr)
                notices = [line for line in lines if line[0] == "notice"]
                self.assertEqual([(line[1]["title"], line[2].split("/")[0]) for line in notices],
                                 [("Autograding complete", "Points 0"),
                                  ("Autograding report", '{"totalPoints":0,"maxPoints":100}')])
                self.assertLessEqual({line[0] for line in lines}, {"notice", "error", "warning"})
                for line in lines:
                    self.assertLessEqual(set(line[1]), {"file", "line", "col", "title"})
                for text in (done.stdout, done.stderr, *map(self.read, FILES)):
                    self.assertNotIn("\x1b", text)
                self.assertEqual(runner.commands(summary.read_text()), [])
                self.check_files()

    def check_files(self):
        suite = ElementTree.fromstring(self.read("junit"))
        self.assertEqual(len(suite.findall("testsuite")), 1)
        self.assertGreater(int(suite.get("failures")), 0)
        rows = list(csv.DictReader(self.read("csv").splitlines(), strict=True))
        self.assertEqual([row["verdict"] for row in rows], ["wrong_answer"])
        self.assertEqual(json.loads(self.read("gradescope"))["score"], 0)
        self.assertIn("wrong_answer", [issue["check_name"] for issue in json.loads(self.read("code-quality"))])
        for form in FILES:
            self.assertEqual(runner.commands(self.read(form)), [], form)

    def test_annotation_is_at_its_line(self):
        done = self.grade_with("work.c", submission("return nothing;"), options=("--github",))
        self.assertEqual(done.returncode, 1)
        name, properties, message = runner.commands(done.stdout)[0]
        self.assertEqual((name, properties["file"], properties["line"]), ("error", "work.c", "4"))
        self.assertIn("'nothing' undeclared", message)

    def test_standard_output_holds_the_file_alone(self):
        self.put("work.c", GOOD)
        done = self.place.run("run", "--no-timing", "--classroom", "--gradescope", "-", "work.c")
        self.assertEqual((done.returncode, json.loads(done.stdout)["tests"][0]["status"]), (0, "passed"))
        self.assertEqual(len(runner.commands(done.stderr)), 2)
        self.assertIn("PASSED", done.stderr)

    def test_paths_are_looked_at_first(self):
        self.put("work.c", "never compiled")
        for form in FILES:
            done = self.place.run("run", "--" + form, "missing/file", "work.c")
            self.assertEqual((done.returncode, done.stdout), (2, ""), form)
            self.assertIn("cannot write 'missing/file'", done.stderr)
        done = self.place.run("run", "--challenge", "good-scale", "--csv", "x", "--junit", "x", "work.c")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--junit and --csv cannot both go to 'x'", done.stderr)

    def test_exit_zero(self):
        self.assertEqual(self.grade_with("work.c", HOSTILE, options=("--exit-zero",)).returncode, 0)
        done = self.grade_with("work.c", GOOD, "missing.c", options=("--exit-zero",))
        self.assertEqual(done.returncode, 2)

    def test_several_files(self):
        self.put("good.c", GOOD)
        done = self.grade_with("bad.c", HOSTILE, "good.c", "good.c", options=("--classroom",))
        self.assertEqual(done.returncode, 1)
        names = [suite.get("name") for suite in ElementTree.fromstring(self.read("junit"))]
        self.assertEqual(names, ["good-scale (./bad.c)", "good-scale (good.c)", "good-scale (good.c) #2"])
        self.assertIn("### 2 of 3 accepted", self.read("markdown"))
        self.assertRegex(runner.commands(done.stdout)[0][2], r"^Points \d+/300$")


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
