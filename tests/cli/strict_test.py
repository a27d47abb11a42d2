#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Challenges with "strict_build", and what their reports teach: strict_test.py HARNESS SOURCE_DIR."""

import json
import shutil
import sys
import unittest

import program
from program import Case

HEAD = """// harness: good-strict
#include "good-strict.h"
"""
FUNCTION = """int good_strict(const struct good_strict_params *p, const float *x, float *y) {
    float table[4] = {p->a, p->a, p->a, p->a};
    for (int32_t i = 0; i < p->n; i++)
        BODY
    return 0;
}
"""
BODY_LINE = 6


class Strict(Case):
    def compiled(self, body, head="", challenge="good-strict"):
        text = (HEAD + head + FUNCTION.replace("BODY", body)).replace("good-strict", challenge)
        text = text.replace("good_strict", challenge.replace("-", "_"))
        done, data = self.grade(text, "--seed", "1", name="mine.c")
        return done, data

    def first_bad(self, result):
        return next(case for case in result["cases"] if case["verdict"] != "passed")

    def test_right(self):
        done, result = self.compiled("y[i] = table[i & 3] * x[i];")
        self.assertEqual((done.returncode, result["verdict"]), (0, "passed"), done.stdout)
        self.assertIn("-fsanitize=undefined", result["build"]["flags"])

    def test_undefined(self):
        """Each with checks before and after it that do not fail: the place must be that of the one that does."""
        around = "{{ const int v = {}, w = 1 << (i & 7); y[i] = table[i & 3] * x[i] + (float)(v + 9 == w * 3); }}"
        for what in ("i * 200000003", "1 << (i + 27)", "(int)table[i]", "7 / (i - 3)", "-2147483647 - i"):
            with self.subTest(what):
                done, result = self.compiled(around.format(what))
                case = self.first_bad(result)
                self.assertEqual((done.returncode, result["verdict"]), (1, "crashed"), done.stdout)
                self.assertIn("undefined behaviour", case["detail"])
                self.assertEqual(case["place"], f"mine.c:{BODY_LINE} in good_strict")
                self.assertIn(f"at mine.c:{BODY_LINE} in good_strict", done.stdout)

    def test_place_is_told_apart(self):
        """Two checks of one kind are not merged into one place."""
        lines = ("y[i] = table[i & 3] * x[i],\ny[i] += table[(i & 3) + p->n * (i == 99)],\n"
                 "y[i] += table[(i & 3) + p->n * (i == 6)];")
        case = self.first_bad(self.compiled(lines)[1])
        self.assertEqual((case["place"], case["name"]), (f"mine.c:{BODY_LINE + 2} in good_strict", "seven"))

    def test_other_illegal_instructions(self):
        done, result = self.compiled('{ __asm__(".byte 0x06"); y[i] = table[0]; }')
        case = self.first_bad(result)
        self.assertEqual(case["verdict"], "crashed", done.stdout)
        self.assertNotIn("undefined behaviour", case["detail"])
        self.assertIn("signal 4", case["detail"])

    def test_only_where_asked(self):
        done, result = self.compiled("y[i] = table[i & 3] * x[i];", head="static int unused;\n", challenge="good-scale")
        self.assertEqual(result["verdict"], "passed", done.stdout)
        self.assertNotIn("sanitize", result["build"]["flags"])
        done, result = self.compiled("y[i] = i < 5 ? table[i & 3] : (__builtin_trap(), x[i]);", challenge="good-scale")
        self.assertNotIn("undefined behaviour", self.first_bad(result)["detail"])

    def test_warning(self):
        done, result = self.compiled("y[i] = table[i & 3] * x[i];", head="static int unused;\n")
        self.assertEqual((done.returncode, result["verdict"]), (1, "compile_error"))
        self.assertIn("mine.c:3:12", done.stdout)
        self.assertIn("defined but not used", done.stdout)

    def test_not_with_timing(self):
        pack = self.place.path / "good-scale"
        shutil.copytree(program.SOURCE / "tests/data/packs/good-scale", pack)
        spec = json.loads((pack / "challenge.json").read_text())
        (pack / "challenge.json").write_text(json.dumps({**spec, "strict_build": True}))
        done = self.place.run("show", "--challenges", ".", "good-scale", HARNESS_PATH=None)
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertIn("/strict_build is true, but there is 'timing'", " ".join((done.stdout + done.stderr).split()))


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
