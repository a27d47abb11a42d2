#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`harness check` on a pack whose cases have stages: stages_test.py HARNESS SOURCE_DIR."""

import json
import shutil
import sys
import unittest

import program
from program import Case

ID = "good-episode"


class Stages(Case):
    def setUp(self):
        super().setUp()
        self.pack = self.place.path / ID
        shutil.copytree(program.SOURCE / "tests" / "data" / "packs" / ID, self.pack)
        for path in (self.pack / "solutions").glob("[wc]*.c"):
            path.unlink()

    def edit(self, old, new):
        path = self.pack / "reference.c"
        text = path.read_text()
        self.assertIn(old, text, "reference.c no longer holds what this test changes")
        path.write_text(text.replace(old, new))

    def prove(self):
        """The proofs by name; each with its state and the text of its findings."""
        self.place.run("check", "--no-timing", "--json", "check.json", "./" + ID)
        data = json.loads((self.place.path / "check.json").read_text())["packs"][0]
        return {proof["name"]: (proof["state"], " ".join(f"{f['place']}: {f['what']}" for f in proof["findings"]))
                for proof in data["proofs"]}

    def test_right(self):
        proofs = self.prove()
        for name in ("reference", "baseline", "solutions", "margin", "sensitivity"):
            self.assertEqual(proofs[name][0], "ok", proofs[name])
        self.assertEqual(proofs["power"][0], "noted", proofs["power"])
        self.assertIn("case one_call, output next_state: as a state it is not tried", proofs["power"][1])

    def test_state_that_nobody_needs(self):
        self.edit("    memcpy(state, bytes, state_bytes(p->w));\n", "    (void)bytes;\n")
        self.edit("if (state->mark == 0x746f7461u && state->check == check_of(state, p->w) && state->rows >= 0 && "
                  "state->rows <= p->n)", "if (p->n < 0)")
        state, text = self.prove()["power"]
        self.assertEqual(state, "failed")
        self.assertIn("case resume, output next_state: all zeros", text)

    def test_gain_that_is_typed_in(self):
        self.edit("(real)p->gain", "(real)1")
        state, text = self.prove()["sensitivity"]
        self.assertEqual(state, "failed")
        self.assertIn("scalar gain", text)

    def test_algorithms_that_part_later(self):
        """Only what is carried on differs: the second of two runs in float32 loses a row in each later stage."""
        self.edit("i >= state.rows; i--", "i >= state.rows + (state.rows > 0); i--")
        state, text = self.prove()["baseline"]
        self.assertEqual(state, "failed")
        self.assertIn("they do not compute the same", text)
        self.assertNotIn("case one_call", text)

    def test_reference_that_fails_in_one_stage(self):
        self.edit("    save(p, &state, next);\n    return 0;\n}\n\n/* Row by row",
                  "    save(p, &state, next);\n    return p->n == 16;\n}\n\n/* Row by row")
        state, text = self.prove()["reference"]
        self.assertEqual(state, "failed")
        self.assertIn("(stage 4 of 6)", text)


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
