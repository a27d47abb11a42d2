#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every export of every fixture, held against the rules of the platform that reads it.

    export_test.py PROGRAM SOURCE_DIR

PROGRAM is report_fixture. The fixture `hostile` has an attack in every text that somebody else could have written.
"""

import csv
import functools
import io
import json
import pathlib
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ElementTree

import runner

PROGRAM = SOURCE = None
FORMS = ("junit", "csv", "points-csv", "markdown", "gradescope", "code-quality", "github", "classroom")
SECRETS = ("secret", "0.7777")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
UNJUDGED = ("unstable", "challenge_broken", "harness_failed", "interrupted")


@functools.lru_cache(maxsize=None)
def export(name, form):
    done = subprocess.run([PROGRAM, name, form], stdout=subprocess.PIPE, check=True, timeout=30)
    return done.stdout.decode("utf-8")


@functools.lru_cache(maxsize=None)
def fixtures():
    done = subprocess.run([PROGRAM, "--list"], stdout=subprocess.PIPE, check=True, timeout=30, text=True)
    return done.stdout.split()


def each(form):
    """Name and text of every fixture alone, and of all of them together, handed in twice."""
    for name in fixtures():
        yield name, export(name, form)
    yield "all", export("2", "all-" + form)


def validator(name):
    try:
        import jsonschema
    except ImportError:
        raise unittest.SkipTest("python3-jsonschema is not installed")
    schema = json.loads((SOURCE / "tests" / "harness" / name).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def refuse_constant(text):
    raise ValueError(f"{text} is not JSON")


def parse(text):
    return json.loads(text, parse_constant=refuse_constant)


class All(unittest.TestCase):
    def test_nothing_of_a_hidden_case_is_told(self):
        for form in FORMS:
            for name, text in each(form):
                for secret in SECRETS:
                    with self.subTest(name=name, form=form, secret=secret):
                        self.assertNotIn(secret, text)

    def test_no_control_character(self):
        for form in FORMS:
            for name, text in each(form):
                with self.subTest(name=name, form=form):
                    self.assertIsNone(CONTROL.search(text))
                    if form not in ("csv", "points-csv"):
                        self.assertNotIn("\r", text)

    def test_only_lines_of_ours_are_obeyed(self):
        for form in FORMS:
            for name, text in each(form):
                lines = runner.commands(text)
                with self.subTest(name=name, form=form):
                    if form == "github":
                        self.assertEqual(len(lines), len(text.splitlines()))
                        self.assertLessEqual({line[0] for line in lines}, {"error", "warning"})
                    elif form == "classroom":
                        self.assertEqual(len(lines), len(text.splitlines()))
                    else:
                        self.assertEqual(lines, [])

    def test_runner_would_obey_the_attack(self):
        """The parser of this test can see what it looks for."""
        self.assertEqual(runner.commands("x\n \u2003::notice title=a%3Ab::Points%0A1%2525\r##[error]y"),
                         [("notice", {"title": "a:b"}, "Points\n1%25"), ("error", {}, "##[error]y")])
        self.assertEqual(runner.commands("x ::error::y\n\\::error::y\n::unknown::z\n#\\#[error]z"), [])


class Csv(unittest.TestCase):
    def rows(self, text):
        self.assertEqual(text.count("\n"), text.count("\r\n"))
        self.assertTrue(text.endswith("\r\n"))
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True, restkey="more"))

    def test_every_fixture(self):
        for name, text in each("csv"):
            with self.subTest(name):
                rows = self.rows(text)
                self.assertEqual(len(rows), 2 * len(fixtures()) if name == "all" else 1)
                for row in rows:
                    self.assertNotIn("more", row)
                    self.assertNotIn(None, row.values())

    def test_values(self):
        row = self.rows(export("passed", "csv"))[0]
        data = parse(export("passed", "json"))
        self.assertEqual((row["file"], row["challenge"], row["verdict"], row["sha256"], row["cpu"], row["sandbox"]),
                         (data["submission"]["file"], "attention-causal", "passed", data["submission"]["sha256"],
                          data["machine"]["cpu"], "A"))
        self.assertEqual([float(row[key]) for key in ("points", "max_points", "speedup", "seconds")],
                         [100, 100, data["ratio"], data["wall_ns"] / 1e9])
        self.assertEqual([row[key] for key in ("passed", "cases", "hidden_passed", "hidden_cases", "exit")],
                         ["3", "3", "2", "2", "0"])
        self.assertLess(float(row["speedup_low"]), float(row["speedup"]))
        self.assertEqual((row["person"], row["task"], row["cause"]), ("", "", ""))
        self.assertEqual(self.rows(export("no_timing", "csv"))[0]["speedup"], "")
        self.assertIn("sclae", self.rows(export("compile_error", "csv"))[0]["cause"])
        self.assertEqual(self.rows(export("hostile", "csv"))[0]["points"], "")

    def test_no_cell_is_a_formula(self):
        for form in ("csv", "points-csv"):
            for name, text in each(form):
                for row in csv.reader(io.StringIO(text, newline=""), strict=True):
                    for cell in row:
                        with self.subTest(name=name, cell=cell):
                            self.assertNotRegex(cell, r"^[\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
        self.assertIn("\"'@passed0\"", export("1", "all-csv"))

    def test_points(self):
        rows = self.rows(export("1", "all-points-csv"))
        points = {row["person"][2:-1]: (row["points"], row["max_points"]) for row in rows}
        self.assertEqual(sorted(points), sorted(fixtures()))
        self.assertEqual((points["passed"], points["too_slow"]), (("100", "100"), ("40", "100")))
        for name in fixtures():
            with self.subTest(name):
                self.assertEqual(points[name][0] == "", name in UNJUDGED)
        self.assertEqual(self.rows(export("passed", "points-csv")), [])


class Markdown(unittest.TestCase):
    """A row is split as cmark-gfm does it: at bars that no backslash escapes, code spans or not."""

    PLAIN = re.compile(r"^(-|[a-z ]+|[0-9.]+ of [0-9.]+|[0-9.]+x( \([0-9.]+x to [0-9.]+x\))?|[0-9.]+ [nmu]?s)$")

    def tables(self, text):
        table = []
        for line in text.split("\n"):
            if line.startswith("|"):
                self.assertTrue(line.endswith(" |") or line.endswith("-|") or line.endswith(":|"), line)
                table.append([cell.strip() for cell in re.findall(r"((?:\\.|[^\\|])*)\|", line[1:])])
            elif table:
                yield table
                table = []

    def test_every_cell(self):
        for name, text in each("markdown"):
            tables = list(self.tables(text))
            self.assertTrue(tables, name)
            for head, line, *rows in tables:
                for row in rows:
                    self.assertEqual(len(row), len(head), row)
                    for cell in row:
                        with self.subTest(name=name, cell=cell):
                            if not self.PLAIN.match(cell):
                                self.assertRegex(cell, r"^`[^`|\n]+`$")

    def test_nothing_foreign_outside_of_tables(self):
        for name, text in each("markdown"):
            for line in text.split("\n"):
                with self.subTest(name=name, line=line):
                    self.assertRegex(line, r"^(\|.*\||[A-Za-z0-9 ,.#]*)$")

    def test_words(self):
        text = export("wrong_answer", "markdown")
        self.assertIn("### 0 of 1 accepted", text)
        self.assertIn("| `work/attention_causal.c` | `attention-causal` | wrong answer | 0 of 100 | - | `case odd_tail",
                      text)
        self.assertIn("1 of 3 cases passed, 1 of 2 hidden ones.", text)
        self.assertIn("100 of 100 | 1.27x (1.25x to 1.29x) | - |", export("passed", "markdown"))

    def test_cut_to_a_size(self):
        text = export("9", "all-short-markdown")
        self.assertLessEqual(len(text.encode("utf-8")), 4000)
        total = 9 * len(fixtures())
        left_out = int(re.search(r"\n(\d+) more submissions are not shown", text).group(1))
        rows = next(iter(self.tables(text)))[2:]
        self.assertEqual(len(rows) + left_out, total)
        self.assertNotIn("passed", [row[2] for row in rows])
        self.assertNotIn("not shown", export("passed", "short-markdown"))


class Gradescope(unittest.TestCase):
    def test_every_fixture_fits_the_schema(self):
        check = validator("gradescope.schema.json")
        for name, text in each("gradescope"):
            with self.subTest(name):
                errors = [error.message[:200] for error in check.iter_errors(parse(text))]
                self.assertEqual(len(errors), name in (*UNJUDGED, "all"), errors)
        for change in ({"score": "100"}, {"visibility": "shown"}, {"points": 3}, {"tests": [{"status": "ok"}]}):
            self.assertTrue(list(check.iter_errors({**parse(export("passed", "gradescope")), **change})), change)

    def test_no_fault_of_the_submission_is_no_mark_of_0(self):
        """Gradescope takes a file without any score for a failure of the autograder."""
        for name, text in each("gradescope"):
            data = parse(text)
            scores = [part["score"] for part in [data, *data["tests"]] if "score" in part]
            self.assertEqual(scores == [], name in (*UNJUDGED, "all"), name)

    def test_no_markup(self):
        for name, text in each("gradescope"):
            data = parse(text)
            formats = {data[key] for key in ("output_format", "test_output_format", "test_name_format")}
            formats |= {test[key] for test in data["tests"] for key in ("output_format", "name_format")}
            self.assertEqual(formats, {"text"}, name)
            self.assertEqual(data["stdout_visibility"], "hidden")

    def test_hidden_cases_wait(self):
        data = parse(export("hidden_wrong", "gradescope"))
        tests = {test["name"]: test for test in data["tests"]}
        self.assertEqual((tests["hidden-1"]["visibility"], tests["hidden-1"]["status"]), ("after_published", "failed"))
        self.assertEqual((tests["hidden-2"]["visibility"], tests["hidden-2"]["status"]), ("after_published", "passed"))
        self.assertEqual({test["visibility"] for test in data["tests"] if not test["name"].startswith("hidden-")},
                         {"visible"})
        data = parse(export("hidden_timing", "gradescope"))
        self.assertEqual([test["visibility"] for test in data["tests"] if test["name"] == "speed: hidden-1"],
                         ["after_published"])

    def test_points_are_said_in_words_too(self):
        data = parse(export("too_slow", "gradescope"))
        self.assertEqual(data["score"], 40)
        self.assertIn("TOO SLOW, 40 of 100 points; 3 of 3 cases passed, 2 of 2 hidden ones", data["output"])
        self.assertEqual((data["tests"][0]["score"], data["tests"][0]["max_score"]), (40, 100))

    def test_leaderboard_is_for_what_passed(self):
        self.assertEqual(parse(export("passed", "gradescope"))["leaderboard"], [{"name": "speedup", "value": 1.2745}])
        self.assertEqual(parse(export("too_slow", "gradescope"))["leaderboard"], [])

    def test_gates_have_points(self):
        tests = {test["name"]: test for test in parse(export("gates", "gradescope"))["tests"]}
        self.assertEqual([(tests[name]["score"], tests[name]["max_score"], tests[name]["status"])
                          for name in ("gate forward", "gate long-run")], [(50, 50, "passed"), (0, 50, "failed")])


class CodeQuality(unittest.TestCase):
    def test_every_fixture_fits_the_schema(self):
        check = validator("code_quality.schema.json")
        for name, text in each("code-quality"):
            with self.subTest(name):
                self.assertFalse(text.startswith("\ufeff"))
                issues = parse(text)
                self.assertEqual([error.message[:200] for error in check.iter_errors(issues)], [])
                prints = [issue["fingerprint"] for issue in issues]
                self.assertEqual(len(prints), len(set(prints)))
        self.assertTrue(list(check.iter_errors([{"description": "x"}])))

    def test_every_submission_that_was_not_accepted_has_an_issue(self):
        for name in fixtures():
            issues = parse(export(name, "code-quality"))
            bad = [issue for issue in issues if issue["check_name"] != "compiler_warning"]
            with self.subTest(name):
                self.assertEqual(bool(bad), name not in ("passed", "no_timing"))

    def test_places(self):
        issues = parse(export("compile_error", "code-quality"))
        self.assertEqual([(issue["check_name"], issue["severity"], issue["location"]["path"],
                           issue["location"]["lines"]["begin"]) for issue in issues],
                         [("compiler_error", "blocker", "work/attention_causal.c", 3),
                          ("compiler_warning", "minor", "work/attention_causal.c", 2),
                          ("compiler_error", "blocker", "work/attention_causal.c", 90000)])
        crash = parse(export("crashed", "code-quality"))[0]
        self.assertEqual((crash["severity"], crash["location"]["lines"]["begin"]), ("critical", 41))

    def test_hidden_cases_are_one_issue(self):
        self.assertEqual([issue["description"] for issue in parse(export("hidden_wrong", "code-quality"))],
                         ["1 hidden case not passed: an output differs from the reference by too much"])


class Github(unittest.TestCase):
    def test_the_worst_ten(self):
        lines = runner.commands(export("2", "all-github"))
        self.assertEqual(len(lines), 10)
        worst = sum(1 for issue in parse(export("2", "all-code-quality")) if issue["severity"] == "blocker")
        self.assertEqual([line[1]["title"].split()[-1] in ("compiler_error", "rejected_binary") for line in lines],
                         [True] * worst + [False] * (10 - worst))

    def test_properties(self):
        first, second, third = runner.commands(export("compile_error", "github"))
        self.assertEqual(first, ("error", {"file": "work/attention_causal.c", "line": "3", "col": "52",
                                           "title": "attention-causal compiler_error"},
                                 "'sclae' undeclared; did you mean 'scale'?"))
        self.assertEqual((second[0], third[0], third[1]["line"]), ("error", "warning", "2"))
        self.assertEqual(export("passed", "github"), "")

    def test_attack_stays_in_its_field(self):
        lines = runner.commands(export("hostile", "github"))
        self.assertTrue(lines)
        for name, properties, message in lines:
            self.assertLessEqual(set(properties), {"file", "line", "col", "title"})
            self.assertNotRegex(message + properties["file"] + properties["title"], r"[\r\n]")
            self.assertTrue(properties["line"].isdigit())


class Classroom(unittest.TestCase):
    def notices(self, name, times="-"):
        lines = runner.commands(export(name, "classroom"))
        self.assertEqual([(line[0], line[1].get("title")) for line in lines],
                         [("notice", "Autograding complete"), ("notice", "Autograding report")], name)
        points = re.fullmatch(r"Points (\d+)/(\d+)", lines[0][2])
        report = parse(lines[1][2])
        self.assertEqual(report, {"totalPoints": int(points[1]), "maxPoints": int(points[2])})
        return int(points[1]), int(points[2])

    def test_points(self):
        self.assertEqual(self.notices("passed"), (100, 100))
        self.assertEqual(self.notices("too_slow"), (40, 100))
        self.assertEqual(self.notices("hostile"), (0, 100))

    def test_no_points_where_the_machine_was_at_fault(self):
        for name in UNJUDGED:
            lines = runner.commands(export(name, "classroom"))
            self.assertEqual([(line[0], line[1]["title"]) for line in lines], [("error", "Autograding failed")], name)


class Gitlab(unittest.TestCase):
    """What GitLab needs of JUnit beside the XSD that report_test.py holds it against."""

    def test_names_are_unique_and_files_are_named(self):
        for name, text in each("junit"):
            seen = set()
            for case in ElementTree.fromstring(text.encode("utf-8")).iter("testcase"):
                with self.subTest(name=name, case=case.get("name")):
                    self.assertTrue(case.get("file"))
                    self.assertFalse((case.get("classname"), case.get("name")) in seen)
                    seen.add((case.get("classname"), case.get("name")))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    PROGRAM, SOURCE = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=[sys.argv[0]] + sys.argv[3:])
