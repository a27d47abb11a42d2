#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every report of every fixture, looked at as its readers would.

    report_test.py PROGRAM SOURCE_DIR [--update]

PROGRAM is report_fixture. Screens are compared with tests/harness/golden/NAME.txt (--update writes them); JSON is held
against harness/result.schema.json, JUnit against tests/harness/junit.xsd.
"""

import functools
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

PROGRAM = SOURCE = None
UPDATE = False
SECRETS = ("secret", "0.7777")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")


@functools.lru_cache(maxsize=None)
def report(name, form):
    done = subprocess.run([PROGRAM, name, form], stdout=subprocess.PIPE, check=True, timeout=30)
    return done.stdout


def fixtures():
    done = subprocess.run([PROGRAM, "--list"], stdout=subprocess.PIPE, check=True, timeout=30, text=True)
    return done.stdout.split()


class Screens(unittest.TestCase):
    def test_golden(self):
        for name in fixtures():
            with self.subTest(name):
                golden = SOURCE / "tests" / "harness" / "golden" / f"{name}.txt"
                text = report(name, "text")
                if UPDATE:
                    golden.write_bytes(text)
                self.assertEqual(text.decode(), golden.read_text())

    def test_no_line_is_wider_than_80_columns(self):
        for name in fixtures():
            for form in ("text", "verbose", "quiet", "secret"):
                for line in report(name, form).decode("ascii").split("\n"):
                    with self.subTest(name=name, form=form, line=line):
                        self.assertLessEqual(len(line), 80)
                        self.assertEqual(line, line.rstrip())

    def test_no_control_character_reaches_a_terminal(self):
        for name in fixtures():
            for form in ("text", "verbose", "quiet", "raw", "secret", "utf8"):
                with self.subTest(name=name, form=form):
                    self.assertIsNone(CONTROL.search(report(name, form).decode("utf-8")))

    def test_colour_only_adds_sequences_of_ours(self):
        for name in fixtures():
            with self.subTest(name):
                text = report(name, "colour").decode("ascii")
                self.assertEqual(re.sub(r"\x1b\[(?:0|1|1;3[123])m", "", text), report(name, "text").decode("ascii"))
        self.assertIn("\x1b[1;32mPASSED\x1b[0m", report("passed", "colour").decode())

    def test_no_line_commands_a_ci_system(self):
        for name in fixtures():
            for form in ("text", "verbose", "quiet", "raw", "json", "junit"):
                for line in report(name, form).decode("utf-8").split("\n"):
                    with self.subTest(name=name, form=form, line=line):
                        self.assertFalse(line.lstrip().startswith("::"))
                        if form != "json":
                            self.assertNotRegex(line, r"##[a-z]*\[")

    def test_quiet_is_one_line_with_the_verdict(self):
        for name in fixtures():
            with self.subTest(name):
                lines = report(name, "quiet").decode().splitlines()
                self.assertEqual(len(lines), 1)
        self.assertIn("WRONG ANSWER", report("wrong_answer", "quiet").decode())

    def test_secret_seed_is_in_no_screen(self):
        self.assertIn("18446744073709551614", report("passed", "text").decode())
        self.assertNotIn("18446744073709551614", report("passed", "secret").decode())

    def test_raw_is_the_layout_that_editors_read(self):
        self.assertRegex(report("compile_error", "raw").decode(), r"(?m)^attention_causal\.c:3:52: error: 'sclae' und")


class Hidden(unittest.TestCase):
    """A hidden case gives a verdict and nothing else, in no report."""

    def test_nothing_of_a_hidden_case_is_told(self):
        for name in fixtures():
            for form in ("text", "verbose", "quiet", "raw", "json", "junit"):
                text = report(name, form).decode("utf-8")
                for secret in SECRETS:
                    with self.subTest(name=name, form=form, secret=secret):
                        self.assertNotIn(secret, text)

    def test_hidden_cases_are_counted(self):
        self.assertIn("hidden 2/2", report("passed", "text").decode())
        self.assertIn("hidden 1/2", report("hidden_wrong", "text").decode())
        self.assertIn("hidden case 1", report("hidden_wrong", "text").decode())

    def test_printed_text_is_shown_only_when_no_hidden_case_ran(self):
        self.assertIsNone(json.loads(report("passed", "json"))["output"]["text"])
        self.assertIn("after NUL", json.loads(report("hostile", "json"))["output"]["text"])


def refuse_constant(text):
    raise ValueError(f"{text} is not JSON")


def unique(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a key appears twice: {keys}")
    return dict(pairs)


def parse(text):
    return json.loads(text.decode("utf-8"), parse_constant=refuse_constant, object_pairs_hook=unique)


class Json(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schema = json.loads((SOURCE / "harness" / "result.schema.json").read_text())
        try:
            import jsonschema
        except ImportError:
            raise unittest.SkipTest("python3-jsonschema is not installed")
        jsonschema.Draft202012Validator.check_schema(cls.schema)
        cls.validator = jsonschema.Draft202012Validator(cls.schema)

    def check(self, data):
        errors = [f"{error.json_path}: {error.message[:200]}" for error in self.validator.iter_errors(data)]
        self.assertEqual(errors, [])

    def test_every_fixture_fits_the_schema(self):
        for name in fixtures():
            with self.subTest(name):
                self.check(parse(report(name, "json")))
        self.check(parse(report("-", "all-json")))

    def test_schema_can_refuse(self):
        good = parse(report("hidden_wrong", "json"))
        self.check(good)
        for change in (lambda d: d.update(verdict="fine"), lambda d: d.update(extra=1), lambda d: d.pop("points"),
                       lambda d: d["cases"][3].update(sizes="n=3"), lambda d: d["cases"][0].pop("used"),
                       lambda d: d.update(seed=12), lambda d: d.update(wall_ns=10**15)):
            data = parse(report("hidden_wrong", "json"))
            change(data)
            self.assertTrue(list(self.validator.iter_errors(data)))

    def test_numbers_read_back_exactly(self):
        data = parse(report("passed", "json"))
        worst = data["cases"][0]["worst"]
        self.assertEqual(worst["got"], 0.10000000149011612)
        self.assertEqual(worst["error"], 1.5e-9)
        self.assertEqual(data["timing"][0]["candidate_ns"], 30.8e6 / 1.31)
        self.assertEqual(data["seed"], str(2**64 - 2))

    def test_numbers_that_are_not_finite_are_words(self):
        self.assertEqual(parse(report("not_finite", "json"))["cases"][2]["worst"]["got"], "nan")
        self.assertEqual(parse(report("not_finite", "json"))["cases"][2]["used"], "inf")
        self.assertEqual(parse(report("hostile", "json"))["wall_ns"], str(2**63 - 1))

    def test_gates_and_their_points(self):
        data = parse(report("gates", "json"))
        forward, long_run = data["gates"]
        self.assertEqual((forward["name"], forward["passed"], forward["cases"], forward["points"]),
                         ("forward", 3, 3, 50))
        self.assertEqual((long_run["passed"], long_run["cases"], long_run["hidden_passed"], long_run["hidden_cases"],
                          long_run["points"], long_run["max_points"]), (1, 2, 1, 1, 0, 50))
        self.assertEqual((data["points"], data["verdict"], data["exit"]), (50, "wrong_answer", 1))
        self.assertEqual([case.get("gate") for case in data["cases"]], ["forward", "long-run", "forward", None, None])
        data = parse(report("passed", "json"))
        self.assertEqual((data["gates"], data["curves"]), ([], []))

    def test_curves_are_those_of_public_cases(self):
        first, second = parse(report("gates", "json"))["curves"]
        self.assertEqual((first["case"], first["output"], first["first_divergence"]), ("odd_tail", "loss", 107))
        self.assertEqual((len(first["got"]), len(first["expected"]), first["tolerance"]), (160, 160, 2e-5))
        self.assertEqual(first["got"][:107], first["expected"][:107])
        self.assertEqual(first["got"][107], first["expected"][107] + 0.02)
        self.assertEqual((len(second["got"]), second["first_divergence"]), (200, -1))
        curves = parse(report("gates_hidden", "json"))["curves"]
        self.assertEqual([(c["case"], len(c["got"])) for c in curves], [("single", 1), ("big_logits", 40)])
        self.assertEqual((curves[1]["got"][39], curves[1]["tolerance"]), ("nan", "nan"))

    def test_exit_codes(self):
        for name, code in (("passed", 0), ("wrong_answer", 1), ("too_slow", 1), ("compile_error", 1), ("unstable", 4),
                           ("challenge_broken", 3), ("harness_failed", 4)):
            self.assertEqual(parse(report(name, "json"))["exit"], code, name)

    def test_failure_without_a_grading(self):
        data = parse(report("challenge_broken", "json"))
        self.assertEqual((data["verdict"], data["machine"], data["build"]), ("challenge_error", None, None))
        self.assertIn("tolernace", data["detail"])


class Junit(unittest.TestCase):
    def validate(self, text):
        with tempfile.NamedTemporaryFile(suffix=".xml") as file:
            file.write(text)
            file.flush()
            done = subprocess.run(["xmllint", "--noout", "--schema", SOURCE / "tests" / "harness" / "junit.xsd",
                                   file.name], stderr=subprocess.PIPE, timeout=30, text=True)
        return done.returncode, done.stderr

    @unittest.skipUnless(shutil.which("xmllint"), "xmllint (libxml2-utils) is not installed")
    def test_every_fixture_fits_the_xsd(self):
        for name, form in [(name, "junit") for name in fixtures()] + [("1", "all-junit"), ("2", "all-junit")]:
            with self.subTest(name):
                code, words = self.validate(report(name, form))
                self.assertEqual(code, 0, words)
        self.assertNotEqual(self.validate(report("passed", "junit").replace(b"classname", b"class"))[0], 0)

    def test_counts_are_the_elements(self):
        for name in fixtures():
            root = ElementTree.fromstring(report(name, "junit"))
            for tag, key in (("testcase", "tests"), ("failure", "failures"), ("error", "errors"),
                             ("skipped", "skipped")):
                with self.subTest(name=name, tag=tag):
                    self.assertEqual(int(root.get(key)), len(root.findall(f".//{tag}")))

    def test_nothing_but_passed_is_all_green(self):
        for name in fixtures():
            root = ElementTree.fromstring(report(name, "junit"))
            bad = len(root.findall(".//failure")) + len(root.findall(".//error")) + len(root.findall(".//skipped"))
            with self.subTest(name):
                self.assertEqual(bad == 0, name in ("passed", "no_timing"))

    def test_failure_and_error(self):
        for name, tag, verdict in (("wrong_answer", "failure", "wrong_answer"), ("too_slow", "failure", "too_slow"),
                                   ("crashed", "error", "crashed"), ("compile_error", "error", "compile_error"),
                                   ("harness_failed", "error", "harness_error")):
            root = ElementTree.fromstring(report(name, "junit"))
            self.assertEqual(root.find(f".//{tag}").get("type"), verdict, name)

    def test_gates_are_properties(self):
        root = ElementTree.fromstring(report("gates", "junit"))
        values = {item.get("name"): item.get("value") for item in root.iter("property")}
        self.assertEqual(values["gate forward"], "passed, 3 of 3 cases, 50 of 50 points")
        self.assertEqual(values["gate long-run"], "not passed, 1 of 2 cases, 0 of 50 points")

    def test_illegal_characters_are_named(self):
        text = report("hostile", "junit").decode("utf-8")
        self.assertIn("[NON-XML-CHAR-0x1B]", text)
        self.assertIn("\ufffd", text)
        self.assertNotIn("]]>", text)
        ElementTree.fromstring(text.encode("utf-8"))


if __name__ == "__main__":
    UPDATE = "--update" in sys.argv
    arguments = [word for word in sys.argv[1:] if word != "--update"]
    if len(arguments) < 2:
        sys.exit(__doc__)
    PROGRAM, SOURCE = pathlib.Path(arguments[0]).resolve(), pathlib.Path(arguments[1]).resolve()
    unittest.main(argv=[sys.argv[0]] + arguments[2:])
