#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Solutions that promise which gates they fail, and do not: fails_test.py HARNESS SOURCE_DIR."""

import json
import shutil
import sys
import unittest

import program
from program import Case

ID = "good-descent"


class Fails(Case):
    """A copy of good-descent, in which one promise is another one."""

    def setUp(self):
        super().setUp()
        self.pack = self.place.path / ID
        shutil.copytree(program.SOURCE / "tests" / "data" / "packs" / ID, self.pack)

    def edit(self, name, old, new):
        path = self.pack / name
        text = path.read_text()
        self.assertIn(old, text, f"{name} no longer holds what this test changes")
        path.write_text(text.replace(old, new, 1))

    def check(self, *options):
        done = self.place.run("check", "--no-timing", "--json", "check.json", *options, "./" + ID)
        data = json.loads((self.place.path / "check.json").read_text())["packs"][0]
        return done, data

    def findings(self, data, step):
        """What failed in one step, by place."""
        found = next(proof["findings"] for proof in data["proofs"] if proof["name"] == step)
        return {f["place"]: (f["what"], f["remedy"]) for f in found if f["state"] == "failed"}

    def test_kept(self):
        done, data = self.check("-v")
        states = {proof["name"]: proof["state"] for proof in data["proofs"]}
        self.assertEqual((states["starter"], states["solutions"]), ("ok", "ok"), done.stdout)
        self.assertEqual({row["file"]: row["fails"] for row in data["solutions"]},
                         {"accepted_simple.c": [], "wrong_turns_round.c": ["steps"], "wrong_typed_rate.c": ["rates"]})
        self.assertIn("2 of 2 fail the gates they promise", " ".join(done.stdout.split()))
        self.assertRegex(done.stdout, r"(?m)^  wrong_typed_rate.c .*\n    fails: rates$")
        self.assertFalse(set(self.findings(data, "files")) - {"hints.md"})

    def test_false_promises(self):
        self.edit("solutions/wrong_turns_round.c", "// fails: steps", "// fails: rates")
        self.edit("solutions/wrong_typed_rate.c", "// fails: rates", "// fails: rates loss\n// fails: steps")
        self.edit("starter.c", "// fails: steps rates", "// fails: rates")
        done, data = self.check("-v")
        self.assertEqual(done.returncode, 3, done.stdout)
        found = self.findings(data, "solutions")
        self.assertEqual(found["solutions/wrong_turns_round.c"],
                         ("it promises to fail rates and fails steps",
                          "add cases to rates in which this mistake shows, or make the line `// fails: steps`"))
        self.assertEqual(found["solutions/wrong_typed_rate.c"][0],
                         "it promises to fail loss steps rates and fails rates")
        self.assertIn("add cases to loss steps ", found["solutions/wrong_typed_rate.c"][1])
        self.assertEqual(set(found), {"solutions/wrong_turns_round.c", "solutions/wrong_typed_rate.c"})
        self.assertIn("0 of 2 fail the gates they promise", " ".join(done.stdout.split()))
        self.assertRegex(done.stdout, r"(?m)^  wrong_turns_round.c .*!$")
        self.assertEqual(self.findings(data, "starter"),
                         {"starter.c": ("it promises to fail rates and fails steps rates",
                                        "choose cases for steps that do not mind this mistake, or make the line "
                                        "`// fails: steps rates`")})

    def test_an_edit_has_a_promise_of_its_own(self):
        head = f"// expect: wrong_answer\n// harness: {ID}\n// edits: wrong_typed_rate.c\n// fails: loss\n"
        base = (self.pack / "solutions/wrong_typed_rate.c").read_text()
        old = next(line for line in base.splitlines() if "loss[k] =" in line)
        (self.pack / "solutions/wrong_sum.edit").write_text(
            f"{head}<<<<<<<\n{old}\n=======\n{old.replace('=', '= 2 *')}\n>>>>>>>\n")
        found = self.findings(self.check()[1], "solutions")
        self.assertEqual(list(found), ["solutions/wrong_sum.edit"])
        self.assertIn("promises to fail loss and fails loss steps rates", found["solutions/wrong_sum.edit"][0])

    def test_what_no_file_can_promise(self):
        self.edit("solutions/wrong_turns_round.c", "// fails: steps", "// fails: steps step")
        self.edit("solutions/wrong_typed_rate.c", "// fails: rates", "// fails:")
        self.edit("solutions/accepted_simple.c", f"// harness: {ID}", f"// harness: {ID}\n// fails: steps")
        self.edit("starter.c", "// fails: steps rates", "// fails: steps, rates")
        done, data = self.check()
        self.assertEqual(done.returncode, 3, done.stdout)
        found = self.findings(data, "files")
        self.assertEqual(found["solutions/wrong_turns_round.c"],
                         ("it promises to fail step, which is no gate of the pack", "name some of: loss steps rates"))
        self.assertIn("names no gate", found["solutions/wrong_typed_rate.c"][0])
        self.assertIn("is to be accepted", found["solutions/accepted_simple.c"][0])
        self.assertIn("to fail steps,, which is no gate", found["starter.c"][0])
        self.assertEqual(self.findings(data, "solutions"), {})

    def test_a_pack_without_gates(self):
        path = self.pack / "challenge.json"
        for name in ("challenge.json", "hidden.json"):
            path = self.pack / name
            spec = json.loads(path.read_text())
            spec.pop("gates", None)
            for case in spec["cases"]:
                del case["gate"]
            path.write_text(json.dumps(spec))
        _, data = self.check()
        found = self.findings(data, "files")
        self.assertIn("the pack has none", found["solutions/wrong_turns_round.c"][0])
        self.assertIn("the pack has none", found["starter.c"][0])


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
