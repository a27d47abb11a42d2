#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`harness check` against packs that are broken in one place each: check_test.py HARNESS SOURCE_DIR.

A proof that cannot fail proves nothing, so every one of them is shown a pack that it must refuse."""

import json
import re
import shutil
import sys
import unittest
import xml.etree.ElementTree as ElementTree

import program
from program import Case

ID = "center-rows"


class Pack(Case):
    KEEP = ("accepted_two_passes.c", "accepted_pairwise.c", "wrong_one_mean.c")

    def setUp(self):
        super().setUp()
        self.pack = self.place.path / ID
        shutil.copytree(program.SOURCE / "challenges" / ID, self.pack)
        for path in (self.pack / "solutions").iterdir():
            if path.name not in self.KEEP:
                path.unlink()

    def edit(self, name, old, new, count=1):
        path = self.pack / name
        text = path.read_text()
        self.assertIn(old, text, f"{name} no longer holds what this test changes")
        path.write_text(text.replace(old, new, count))

    def spec(self, change, name="challenge.json"):
        path = self.pack / name
        data = json.loads(path.read_text())
        change(data)
        path.write_text(json.dumps(data))

    def check(self, *options, **more):
        done = self.place.run("check", "--no-timing", "--json", "check.json", *options, "./" + ID, **more)
        path = self.place.path / "check.json"
        return done, json.loads(path.read_text())["packs"][0] if path.exists() else None

    def states(self, data):
        return {proof["name"]: proof["state"] for proof in data["proofs"]}

    def refuse(self, step, words=(), code=3):
        """The pack is broken, the named proof says so and tells what to do."""
        done, data = self.check()
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(self.states(data)[step], "failed", done.stdout)
        findings = next(p["findings"] for p in data["proofs"] if p["name"] == step)
        bad = [f for f in findings if f["state"] == "failed"]
        self.assertTrue(bad)
        for finding in bad:
            self.assertTrue(finding["place"] and finding["what"] and finding["remedy"])
        text = " ".join(f["place"] + ": " + f["what"] for f in bad)
        for word in words:
            self.assertIn(word, text)
        return done, data


class Sound(Pack):
    def test_proven(self):
        done, data = self.check("-v", "--junit", "check.xml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("PROVEN", done.stdout)
        self.assertTrue(data["proven"])
        self.assertNotIn("failed", self.states(data).values())
        self.assertEqual([s["verdict"] for s in data["solutions"]], ["passed", "passed", "wrong_answer"])
        for line in done.stdout.splitlines():
            self.assertLessEqual(len(line), 80)
        suite = ElementTree.parse(self.place.path / "check.xml").getroot()[0]
        self.assertEqual((suite.get("failures"), len(suite)), ("0", len(data["proofs"])))

    def test_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads((program.SOURCE / "harness" / "check.schema.json").read_text())
        self.spec(lambda s: s["cases"][0].update(family="nowhere"))
        self.check()
        for _ in range(2):
            text = json.loads((self.place.path / "check.json").read_text())
            jsonschema.Draft202012Validator(schema).validate(text)
            self.spec(lambda s: s["cases"][0].update(family="plain"))
            self.check()

    def test_same_twice(self):
        first, second = self.check()[1], self.check()[1]
        for key in ("reference_ratio", "accepted_used", "weakest_rejection", "powered_cases"):
            self.assertEqual(first[key], second[key])


class Files(Pack):
    def test_misspelt_key(self):
        self.edit("challenge.json", '"catches"', '"catchs"')
        self.refuse("files", ["catchs", "catches"])

    def test_missing_parts(self):
        for name in ("hints.md", "hidden.json", "starter.c"):
            with self.subTest(name):
                kept = (self.pack / name).read_text()
                (self.pack / name).unlink()
                self.refuse("files", [name])
                (self.pack / name).write_text(kept)

    def test_hint_without_its_number(self):
        self.edit("hints.md", "## 2", "## Two")
        self.refuse("files", ["numbered 1 to 3"])

    def test_misspelt_verdict(self):
        self.edit("solutions/wrong_one_mean.c", "// expect: wrong_answer", "// expect: wrong")
        done, _ = self.refuse("files", ["promises no verdict that there is"])
        self.assertIn("unwritten_output", done.stdout)

    def test_no_wrong_solution_does_not_stop_the_rest(self):
        (self.pack / "solutions/wrong_one_mean.c").unlink()
        _, data = self.refuse("files", ["no wrong_*.c"])
        self.assertEqual(self.states(data)["power"], "ok")

    def test_two_hints(self):
        self.edit("hints.md", "## 3", "### 3")
        self.refuse("files", ["2 hints"])

    def test_promise(self):
        self.edit("solutions/wrong_one_mean.c", "// expect: wrong_answer", "// expects: wrong_answer")
        self.refuse("files", ["wrong_one_mean.c"])

    def test_name_against_promise(self):
        (self.pack / "solutions/wrong_one_mean.c").rename(self.pack / "solutions/accepted_one_mean.c")
        self.refuse("files", ["accepted_one_mean.c"])

    def test_few_families(self):
        self.spec(lambda s: s["timing"]["cases"][0].update(families=["plain"]))
        self.refuse("files", ["256x1024", "four families"])


class Reference(Pack):
    def test_header_disagrees(self):
        self.edit("center-rows.h", "const float *x, float *y)", "const double *x, float *y)")
        self.refuse("contract", ["center_rows"])

    def test_reference_does_not_compile(self):
        self.edit("reference.c", "return 0;", "retrun 0;")
        self.refuse("contract", ["reference.c"])

    def test_nan(self):
        self.edit("reference.c", "to[j] = from[j] - mean;", "to[j] = j == 2 ? (real)NAN : from[j] - mean;")
        self.edit("reference.c", "x[i * (size_t)n + (size_t)j] - mean;",
                  "j == 2 ? (real)NAN : x[i * (size_t)n + (size_t)j] - mean;")
        self.refuse("reference", ["NaN"])

    def test_state_between_calls(self):
        self.edit("reference.c", "int reference_center_rows(", "static int calls;\nint reference_center_rows(")
        self.edit("reference.c", "from[j] - mean;", "from[j] - mean + (real)(++calls) * (real)1e-12;")
        self.refuse("reference", ["other bits"])

    def test_crash(self):
        self.edit("reference.c", "const real *from = x",
                  "if (n == 7) *(volatile int *)8 = 1;\n        const real *from = x")
        self.refuse("reference", ["short_rows"])

    def test_small_gauge(self):
        self.edit("reference.c", "+ size / (real)n", "* (real)1e-6")
        self.refuse("baseline", ["gauge"])

    def test_example(self):
        self.edit("README.md", "rows = 2, n = 3", "rows = 3, n = 3")
        self.refuse("example", ["README.md"])
        done = self.check("--update-example")[0]
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual((self.pack / "README.md").read_text(),
                         (program.SOURCE / "challenges" / ID / "README.md").read_text())

    def test_example_of_hidden_case(self):
        self.edit("README.md", "```example two_rows", "```example scaled_rows")
        self.refuse("example", ["no public case"])


class Discrimination(Pack):
    def test_starter_passes(self):
        shutil.copy(self.pack / "solutions/accepted_two_passes.c", self.pack / "starter.c")
        self.refuse("starter", ["passes"])

    def test_starter_does_not_compile(self):
        self.edit("starter.c", "return 0;", "retrun 0;")
        self.refuse("starter", ["retrun"])

    def test_wrong_solution_passes(self):
        self.edit("solutions/wrong_one_mean.c", "mean += x[k] / (float)((int64_t)rows * n);",
                  "mean += x[k];\n    (void)mean;")
        shutil.copy(self.pack / "solutions/accepted_two_passes.c", self.pack / "solutions/wrong_right.c")
        self.edit("solutions/wrong_right.c", "// expect: passed", "// expect: wrong_answer")
        self.refuse("solutions", ["wrong_right.c", "promises wrong_answer and gets passed"])

    def near_the_limit(self, units):
        """An accepted solution that is off by so many units of rounding."""
        self.edit("solutions/accepted_pairwise.c", "y[i * n + j] = x[i * n + j] - mean;",
                  f"y[i * n + j] = (float)((x[i * n + j] - mean) * (1 + {units:.2f} * 0x1p-24));")

    def share(self, units):
        self.near_the_limit(units)
        return next(s for s in self.check()[1]["solutions"] if "pairwise" in s["file"])

    def test_margin_and_noise(self):
        row = self.share(20)
        self.edit("solutions/accepted_pairwise.c", "20.00 *", f"{20 * 0.95 / row['used']:.2f} *")
        done, data = self.refuse("margin", ["accepted_pairwise.c", "90 %"])
        self.assertEqual(self.states(data)["noise"], "failed", done.stdout)

    def test_no_power(self):
        def far(spec):
            for case in spec["cases"]:
                case["fill"] = {"x": {"kind": "normal", "mean": 100000, "sd": 0.01}}
        self.spec(far)
        self.spec(far, "hidden.json")
        self.refuse("power", ["times the tolerance"])

    def test_no_power_said(self):
        self.spec(lambda s: s["cases"][1].update(
            fill={"x": {"kind": "normal", "mean": 1000000, "sd": 1}}, no_power="far from zero on purpose"))
        done, data = self.check()
        self.assertEqual(self.states(data)["power"], "ok", done.stdout)

    def test_insensitive(self):
        def constant(spec):
            for case in spec["cases"]:
                case["fill"] = {"x": {"kind": "normal"}}
        self.spec(constant)
        self.edit("reference.c", "sum += from[j];", "sum += 0 * from[j];")
        self.edit("reference.c", "to[j] = from[j] - mean;", "to[j] = (real)j + mean;")
        self.edit("reference.c", "mean += x[i * (size_t)n + (size_t)j] / (real)n;", "mean += 0;")
        self.edit("reference.c", "y[i * (size_t)n + (size_t)j] = x[i * (size_t)n + (size_t)j] - mean;",
                  "y[i * (size_t)n + (size_t)j] = (real)j + mean;")
        self.refuse("sensitivity", ["input x", "old answer still passes"])


class Scalars(Case):
    """attention's scale and causal are scalars: with the same values everywhere they could be typed in."""

    def test_typed_in_scalar(self):
        pack = self.place.path / "layernorm-fb"
        shutil.copytree(program.SOURCE / "challenges" / "layernorm-fb", pack)
        for path in (pack / "solutions").iterdir():
            if not path.name.startswith(("accepted_folded", "wrong_eps")):
                path.unlink()
        for name in ("challenge.json", "hidden.json"):
            data = json.loads((pack / name).read_text())
            for case in data["cases"]:
                case.get("scalars", {}).pop("eps", None)
            (pack / name).write_text(json.dumps(data))
        done = self.place.run("check", "--no-timing", "./layernorm-fb")
        self.assertEqual(done.returncode, 3)
        self.assertIn("scalar eps of layernorm_fwd: every case gives it the same", done.stdout)


OBJECTIVE = """
real objective_center_rows(int32_t rows, int32_t n, const real *x, const real *at_y) {
    real sum = 0;
    for (size_t i = 0; i < (size_t)rows; i++) {
        real mean = 0;
        for (size_t j = i * (size_t)n; j < (i + 1) * (size_t)n; j++)
            mean += (x[j] + at_y[j]) / (real)n;
        for (size_t j = i * (size_t)n; j < (i + 1) * (size_t)n; j++)
            sum += (real)FACTOR * (x[j] + at_y[j] - mean) * (x[j] + at_y[j] - mean);
    }
    return sum;
}
"""


class Gradient(Pack):
    """Centring is a projection: half the square of the centred rows has the centred rows for its gradient."""

    def prove(self, factor):
        self.spec(lambda s: s["entries"][0]["arguments"][3].update(gradient=True))
        path = self.pack / "reference.c"
        path.write_text(path.read_text() + OBJECTIVE.replace("FACTOR", factor))

    def test_right(self):
        self.prove("0.5")
        done, data = self.check()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(next(p["summary"] for p in data["proofs"] if p["name"] == "gradient"), r"^[1-9]\d* cases")

    def test_wrong(self):
        self.prove("0.50001")
        self.refuse("gradient", ["derivative of objective_center_rows"])

    def test_missing(self):
        self.spec(lambda s: s["entries"][0]["arguments"][3].update(gradient=True))
        self.refuse("contract", ["objective_center_rows"])


class Several(Pack):
    def test_broken_among_good(self):
        shutil.copytree(self.pack, self.place.path / "packs" / "broken")
        shutil.copytree(self.pack, self.place.path / "packs" / ID)
        (self.place.path / "packs/broken/challenge.json").write_text("{")
        done = self.place.run("check", "--no-timing", "--json", "check.json", "packs/broken", "packs/" + ID)
        data = json.loads((self.place.path / "check.json").read_text())["packs"]
        self.assertEqual((done.returncode, [p["proven"] for p in data]), (3, [False, True]), done.stdout)
        self.assertEqual(done.stdout.splitlines()[-1], "1 of 2 challenges proven")
        listed = self.place.run("list", "--challenges", "packs")
        self.assertIn(ID, listed.stdout)

    def test_unknown(self):
        done = self.place.run("check", "center-rwos")
        self.assertEqual(done.returncode, 2)
        self.assertIn("center-rows", done.stderr)
        done = self.place.run("check", "./nowhere")
        self.assertEqual(done.returncode, 2)
        self.assertIn("nowhere", done.stderr)


class New(Case):
    def test_new_pack_is_proven(self):
        done = self.place.run("new", "row-scale")
        self.assertEqual((done.returncode, done.stdout), (0, "./row-scale\n"), done.stderr)
        pack = self.place.path / "row-scale"
        for path in pack.rglob("*"):
            if path.is_file():
                self.assertIsNone(re.search("center.?rows", path.read_text(), re.IGNORECASE), path)
        schema = json.loads((pack / "challenge.json").read_text())["$schema"]
        self.assertTrue(schema.endswith("challenge.schema.json"))
        done = self.place.run("check", "--no-timing", "./row-scale")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = self.place.run("run", "--no-timing", "--challenges", ".", "row-scale/solutions/accepted_pairwise.c")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = self.place.run("run", "--no-timing", "--challenges", ".", "row-scale/starter.c")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)

    def test_never_overwrites(self):
        (self.place.path / "mine").mkdir()
        self.put("mine/notes.txt", "mine")
        done = self.place.run("new", "mine")
        self.assertEqual(done.returncode, 2)
        self.assertIn("nothing was changed", done.stderr)
        self.assertEqual((self.place.path / "mine/notes.txt").read_text(), "mine")
        self.assertEqual(len(list((self.place.path / "mine").iterdir())), 1)

    def test_bad_words(self):
        for words in (["Rms"], ["rms_norm"], ["../x"], ["a--b"], ["x" * 60], ["rms", "nowhere/at/all"],
                      ["rms", "--from", "center-rwos"]):
            done = self.place.run("new", *words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertRegex(done.stderr, r"\Aharness: [^\n]+\n\Z")

    def test_from(self):
        done = self.place.run("new", "my-loss", "--from", "softmax-xent")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((self.place.path / "my-loss" / "my-loss.h").exists())
        self.assertIn("int my_loss(", (self.place.path / "my-loss" / "my-loss.h").read_text())


class Hint(Case):
    def test_hints(self):
        first = self.place.run("hint", "center-rows")
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertIn("Hint 1 of 3", first.stdout)
        self.assertNotIn("several sums", first.stdout)
        second = self.place.run("hint", "center-rows", "2")
        self.assertIn("several sums", second.stdout)
        for line in (first.stdout + second.stdout).splitlines():
            self.assertLessEqual(len(line), 80)

    def test_no_such_hint(self):
        for number in ("0", "4", "two", "-1"):
            done = self.place.run("hint", "center-rows", *(["--", number] if number == "-1" else [number]))
            self.assertEqual(done.returncode, 2, done.stdout)


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
