#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Gates, partial points and the curve of good-descent, in every report: gates_test.py HARNESS SOURCE_DIR."""

import json
import sys
import unittest
import xml.etree.ElementTree as ElementTree

import program
from program import Case


def solution(name):
    return (program.SOURCE / "tests/data/packs/good-descent/solutions" / name).read_text()


def gates(data):
    return {gate["name"]: (gate["passed"], gate["cases"], gate["points"]) for gate in data["gates"]}


class Gates(Case):
    def test_all_passed(self):
        done, data = self.grade(solution("accepted_simple.c"))
        self.assertEqual((done.returncode, data["points"]), (0, 90), done.stdout)
        self.assertEqual(gates(data), {"loss": (2, 2, 30), "steps": (3, 3, 30), "rates": (2, 2, 30)})
        self.assertRegex(done.stdout, r"(?m)^  steps  passed  2/2, hidden 1/1  30 of 30  many steps")

    def test_points_of_the_gates_that_are_passed(self):
        done, data = self.grade(solution("wrong_typed_rate.c"))
        self.assertEqual((done.returncode, data["verdict"], data["points"]), (1, "wrong_answer", 60), done.stdout)
        self.assertEqual(gates(data), {"loss": (2, 2, 30), "steps": (3, 3, 30), "rates": (0, 2, 0)})
        self.assertRegex(done.stdout, r"(?m)^  rates  FAILED  0/2 +0 of 30  other rates$")
        self.assertIn("case 5 of 6: still", done.stdout)
        self.assertIn("60 of 90 points", done.stdout)

    def test_a_hidden_case_closes_its_gate(self):
        text = solution("accepted_simple.c").replace("loss[k] =", "loss[k] = k > 399 ? 1.0F :")
        done, data = self.grade(text)
        self.assertEqual((data["verdict"], data["points"]), ("wrong_answer", 60))
        self.assertEqual(gates(data)["steps"], (2, 3, 0))
        self.assertRegex(done.stdout, r"(?m)^  steps  FAILED  2/2, hidden 0/1 ")
        self.assertNotIn("hidden_long", done.stdout + json.dumps(data))

    def test_one_case_judges_no_gate(self):
        done, data = self.grade(solution("accepted_simple.c"), "--case", "sixty")
        self.assertEqual((data["gates"], data["max_points"]), ([], 0))
        self.assertNotIn(" 30 of 30 ", done.stdout)

    def test_show(self):
        done = self.place.run("show", "good-descent")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Gates: 3", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^  steps +3 cases\n      many steps")
        self.assertIn("      gate: rates\n", done.stdout)
        self.assertNotIn("hidden_long", done.stdout)

    def test_reports_fit_their_schemas(self):
        self.put("work.c", solution("wrong_turns_round.c"))
        self.place.run("run", "--no-timing", "--json", "r.json", "--junit", "r.xml", "work.c")
        values = [item.get("value") for item in ElementTree.parse(self.place.path / "r.xml").iter("property")]
        self.assertIn("not passed, 1 of 3 cases, 0 of 30 points", values)
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads((program.SOURCE / "harness" / "result.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(json.loads((self.place.path / "r.json").read_text()))


class Curves(Case):
    def test_the_curves_part(self):
        done, data = self.grade(solution("wrong_turns_round.c"), "--seed", "5")
        self.assertIn("loss of case three_hundred, 300 steps", done.stdout)
        self.assertIn("X the curves part at step 107: 0.2366 against 0.2274;", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^ +\+-{22}X-{41}$")
        for line in done.stdout.splitlines():
            self.assertLessEqual(len(line), 80)
            self.assertTrue(line.isascii())
        curve = next(curve for curve in data["curves"] if curve["case"] == "three_hundred")
        self.assertEqual((curve["output"], len(curve["got"]), curve["first_divergence"]), ("loss", 300, 107))
        apart = [abs(got - want) for got, want in zip(curve["got"], curve["expected"])]
        words = next(case for case in data["cases"] if case["name"] == "three_hundred")["pattern"]["sentence"]
        self.assertIn("The curves part at loss[107]: 0.2366 instead of 0.2274, ", words)
        self.assertGreater(apart[107], curve["tolerance"])
        self.assertLessEqual(max(apart[:107]), curve["tolerance"])

    def test_measures_are_told_by_their_limits(self):
        pack = program.SOURCE / "tests/data/packs/good-measure"
        done, data = self.grade((pack / "solutions/wrong_mean.c").read_text(), "--case", "seven", "--seed", "5")
        words = data["cases"][0]["pattern"]["sentence"]
        self.assertRegex(words, r"^The curves part at drift\[0\]: \S+ instead of \S+, which is \S+ off where \S+ is "
                         r"allowed\. From there on every element is wrong\.$")
        self.assertNotIn("times the expected", done.stdout)

    def test_utf8(self):
        self.put("work.c", solution("wrong_turns_round.c"))
        done = self.place.run("run", "--no-timing", "work.c", LC_ALL="C.UTF-8")
        self.assertIn("\u25b2 the curves part at step 107", done.stdout)
        self.assertLessEqual(max(len(line) for line in done.stdout.splitlines()), 80)

    def test_no_curve_of_a_hidden_case(self):
        _, data = self.grade(solution("accepted_simple.c"))
        self.assertEqual([(curve["case"], len(curve["got"])) for curve in data["curves"]],
                         [("one", 1), ("mean", 1), ("sixty", 60), ("three_hundred", 300), ("still", 20), ("fast", 40)])

    def test_nan_is_at_the_top(self):
        text = solution("accepted_simple.c").replace("loss[k] =", "loss[k] = k > 30 ? 0.0F / 0.0F :")
        done, data = self.grade(text)
        self.assertRegex(done.stdout, r"(?m)^ +[0-9.]+ \|@* +!{29}$")
        self.assertIn("at step 31: nan against", done.stdout)
        self.assertEqual(data["curves"][2]["got"][31], "nan")

    def test_a_later_call_that_is_wrong_is_the_one_to_draw(self):
        text = solution("accepted_simple.c").replace("float w[256];", "float w[256]; static int calls; calls++;")
        done, data = self.grade(text.replace("loss[k] =", "loss[k] = calls == 2 && k == 0 ? 9.0F :"))
        self.assertEqual(data["curves"][0]["got"], [9])
        self.assertIn("the curves part at step 0: 9 against", done.stdout)


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
