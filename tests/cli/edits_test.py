#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Solutions that are written as edits of another one, as their author meets them: edits_test.py HARNESS SOURCE_DIR."""

import json
import sys
import unittest

import program
from check_test import ID, Pack


class Edits(Pack):
    """Solutions that are written as edits of another one."""

    def write(self, old, new, name="wrong_sum.edit", expect="wrong_answer", base="accepted_two_passes.c"):
        head = f"// expect: {expect}\n// harness: {ID}\n// edits: {base}\n// Adds.\n"
        (self.pack / "solutions" / name).write_text(f"{head}<<<<<<<\n{old}\n=======\n{new}\n>>>>>>>\n")

    def line(self, word):
        text = (self.pack / "solutions/accepted_two_passes.c").read_text()
        return next(line for line in text.splitlines() if word in line)

    def test_good(self):
        old = self.line("- mean")
        self.write(old, old.replace("- mean", "+ mean"))
        done, data = self.check("-v")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn({"file": "wrong_sum.edit", "verdict": "wrong_answer"},
                      [{key: s[key] for key in ("file", "verdict")} for s in data["solutions"]])
        self.assertIn("  wrong_sum.edit", done.stdout)
        self.assertIn("2 wrong", " ".join(done.stdout.split()))
        done = self.place.run("run", "--no-timing", "--json", "run.json", f"{ID}/solutions/wrong_sum.edit")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(f"{ID}/solutions/wrong_sum.edit: challenge {ID}", done.stdout)
        self.assertEqual(json.loads((self.place.path / "run.json").read_text())["submission"]["file"],
                         f"{ID}/solutions/wrong_sum.edit")

    def test_broken(self):
        old = self.line("- mean")
        for words, change in ((["block 1", "not in accepted_two_passes.c"], {"old": old + " "}),
                              (["cannot be read"], {"old": old, "base": "accepted_none.c"}),
                              (["itself an edit"], {"old": old, "base": "wrong_sum.edit"})):
            with self.subTest(words):
                self.write(**{"new": old.replace("- mean", "+ mean"), **change})
                _, data = self.refuse("files", ["solutions/wrong_sum.edit", *words])
                self.assertNotIn("wrong_sum.edit", [s["file"] for s in data["solutions"]])
        done = self.place.run("run", "--no-timing", f"{ID}/solutions/wrong_sum.edit")
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn("itself an edit", done.stdout + done.stderr)

    def test_promise_is_the_edits_own(self):
        old = self.line("- mean")
        self.write(old, old + "\n", expect="passed")
        self.refuse("files", ["wrong_sum.edit", "its name says something else"])
        self.write(old, old + "\n")
        self.refuse("solutions", ["wrong_sum.edit", "promises wrong_answer and gets passed"])

    def test_compile_error_names_the_line(self):
        self.write(self.line("- mean"), self.line("- mean").replace("mean", "meen"), expect="passed",
                   name="accepted_edit.edit")
        self.refuse("solutions", ["accepted_edit.edit", "accepted_edit.edit:8: 'meen' undeclared"])
        declaration = self.line("mean =")
        self.write(declaration, "", expect="passed", name="accepted_edit.edit")
        self.refuse("solutions", ["accepted_two_passes.c:"])


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
