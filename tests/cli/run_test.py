#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The real program grades real files: run_test.py HARNESS SOURCE_DIR.

Needs a machine on which `harness doctor` says READY. What a test cannot do here it skips and says why.
"""

import json
import os
import shutil
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ElementTree

import program
from program import ALL, GOOD, Case, submission


class Verdicts(Case):
    def expect(self, text, verdict, code=1, words=()):
        done, data = self.grade(text)
        self.assertEqual((done.returncode, data and data["verdict"]), (code, verdict), done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stdout)
        self.assertEqual(data["exit"], code)
        for line in done.stdout.splitlines():
            self.assertLessEqual(len(line), 80)
        return done, data

    def test_passed(self):
        done, data = self.expect(GOOD, "passed", 0, ["PASSED", "4/4", "hidden 1/1"])
        self.assertEqual(len(data["cases"]), 5)
        self.assertNotIn("hidden_prime", done.stdout + json.dumps(data))
        self.assertNotIn("4099", json.dumps(data["cases"]))

    def test_wrong_answer(self):
        self.expect(submission(ALL + "y[i] = 0.5f * x[i];"), "wrong_answer", 1, ["WRONG ANSWER", "got", "expected"])

    def test_other_bits_the_second_time(self):
        """Every answer is right, so no number of one can say what is wrong."""
        body = "static int calls; " + ALL + "y[i] = p->a * x[i] * (1 + 6e-8f * (float)(calls & 2)); calls++;"
        done, _ = self.expect(submission(body), "wrong_answer", 1, ["other bits in y", "the second time"])
        self.assertNotIn("out of tolerance", done.stdout)
        self.assertNotIn("root mean square", done.stdout)

    def test_compile_error(self):
        done, data = self.expect(submission("retrun 0;"), "compile_error", 1, ["COMPILE ERROR", "work.c:4:"])
        self.assertIn("int good_scale(", done.stdout)
        raw, _ = self.grade(submission("retrun 0;"), "--raw")
        self.assertRegex(raw.stdout, r"(?m)^\S*work\.c:4:\d+: error: ")

    def test_crash(self):
        self.expect(submission("*(volatile int *)0 = p->n;"), "crashed", 1, ["CRASHED"])

    def test_exit(self):
        self.expect(submission("exit(0);", "#include <stdlib.h>\n"), "exited", 1, ["EXITED"])

    def test_endless_loop(self):
        self.expect(submission("for (volatile int k = 0; ; k++) {}"), "time_limit", 1, ["TIME LIMIT"])

    def test_hidden_case_only(self):
        done, data = self.expect(submission(ALL + "y[i] = (p->n == 4099 ? 2 : 1) * p->a * x[i];"), "wrong_answer", 1,
                                 ["hidden case 1", "hidden 0/1"])
        self.assertNotIn("hidden_prime", done.stdout + json.dumps(data))
        self.assertIsNone(data["output"]["text"])

    def test_empty_file(self):
        self.put("good_scale.c", "")
        done = self.place.run("run", "--no-timing", "good_scale.c")
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertRegex(done.stderr, r"\Aharness: [^\n]*good_scale\.c is empty[^\n]*\n\Z")

    def test_binary_garbage(self):
        self.expect(b"// harness: good-scale\n" + os.urandom(4000) + b"\0\xff\n", "compile_error", 1)

    def test_printed_attacks_are_harmless(self):
        attack = r'puts("::error::x\n\033[2J##[error]y"); fflush(stdout);'
        self.put("work.c", submission(attack + " return 1;", "#include <stdio.h>\n"))
        done = self.place.run("run", "--no-timing", "--case", "seven", "work.c")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertNotIn("\033", done.stdout)
        for line in done.stdout.splitlines():
            self.assertFalse(line.lstrip().startswith("::"), line)


class Options(Case):
    def test_same_seed_same_result(self):
        wrong = submission(ALL + "y[i] = 0.5f * x[i];")
        worst = [self.grade(wrong, "--seed", seed)[1]["cases"][0]["worst"] for seed in ("7", "7", "8")]
        self.assertEqual(worst[0], worst[1])
        self.assertNotEqual(worst[0], worst[2])

    def test_one_case(self):
        for name in ("seven", "1"):
            done, data = self.grade(GOOD, "--case", name)
            self.assertEqual((done.returncode, [c["name"] for c in data["cases"]]), (0, ["seven"]))
        self.put("work.c", GOOD)
        done = self.place.run("run", "--case", "sevn", "work.c")
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("sevn", done.stderr)

    def test_secret_seed(self):
        done, data = self.grade(GOOD, HARNESS_SEED="12345678912345678")
        self.assertEqual((done.returncode, data["seed"]), (0, None))
        self.assertNotIn("12345678912345678", done.stdout)
        printed = subprocess.run(["od", "-An", "-N8", "-tu8"], input=b"\xff" * 8, capture_output=True).stdout.decode()
        done, data = self.grade(GOOD, HARNESS_SEED=printed)
        self.assertEqual((done.returncode, data["seed"]), (0, None), "as the README makes one")

    def test_required_sandbox(self):
        self.put("work.c", GOOD)
        done = self.place.run("run", "--no-timing", "--sandbox-at-most", "C", "--require-sandbox", "B", "work.c")
        self.assertEqual(done.returncode, 4, done.stdout)
        done = self.place.run("run", "--no-timing", "--sandbox-at-most", "C", "--require-sandbox", "C", "work.c")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("level C", done.stdout)
        # The hidden cases of this pack are open to the compiler, and nobody has accepted that.
        done = self.place.run("run", "--no-timing", "--sandbox-at-most", "C", "work.c")
        self.assertEqual(done.returncode, 4, done.stdout)
        self.assertIn("--require-sandbox C", " ".join(done.stdout.split()))

    def test_the_command_to_copy_is_whole(self):
        """With a long seed, the challenge's name and a long file it takes lines of its own, and does what it says."""
        for name in ("w.c", "a_file_with_a_name_of_medium_length.c", "x" * 68 + ".c"):
            self.put(name, submission(ALL + "y[i] = 0;"))
            done = self.place.run("run", "--no-timing", "--no-store", "--challenge", "good-scale", "--seed", 2**64 - 1,
                                  name)
            again = done.stdout.split("same case   ")[1]
            self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
            self.assertIn(name, again)
            done = self.place.run(*again.replace("\\\n", " ").split()[1:], "--no-store")
            self.assertEqual((done.returncode, "n=7" in done.stdout), (1, True), again + done.stderr)

    def test_quiet(self):
        self.put("work.c", GOOD)
        done = self.place.run("run", "--no-timing", "-q", "work.c")
        self.assertEqual((done.returncode, done.stderr, len(done.stdout.splitlines())), (0, "", 1))
        self.assertIn("PASSED", done.stdout)

    def test_timing(self):
        self.put("work.c", GOOD)
        done = self.place.run("run", "--json", "result.json", "work.c")
        data = json.loads((self.place.path / "result.json").read_text())
        if data["verdict"] == "unstable":
            self.skipTest("the machine is too noisy to time anything")
        self.assertEqual(done.returncode, 0, done.stdout)
        row = data["timing"][0]
        self.assertLessEqual(row["low"], row["ratio"])
        self.assertLessEqual(row["ratio"], row["high"])
        self.assertIn("n100000", done.stdout)

    def test_several_files(self):
        self.put("a.c", GOOD)
        self.put("b.c", submission(ALL + "y[i] = 0;"))
        done = self.place.run("run", "--no-timing", "--json", "r.json", "--junit", "r.xml", "a.c", "b.c", "a.c")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stdout.splitlines()[-1], "2 of 3 accepted")
        data = json.loads((self.place.path / "r.json").read_text())
        self.assertEqual([r["verdict"] for r in data["results"]], ["passed", "wrong_answer", "passed"])
        self.assertEqual(len(ElementTree.parse(self.place.path / "r.xml").findall("testsuite")), 3)


class Reports(Case):
    def test_json_on_the_standard_output(self):
        self.put("work.c", GOOD)
        done = self.place.run("run", "--no-timing", "--json", "-", "work.c")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(json.loads(done.stdout)["verdict"], "passed")
        self.assertIn("PASSED", done.stderr)

    def test_junit_on_the_standard_output(self):
        self.put("work.c", GOOD)
        done = self.place.run("run", "--no-timing", "--junit=-", "work.c")
        root = ElementTree.fromstring(done.stdout)
        self.assertEqual((root.get("failures"), root.get("errors")), ("0", "0"))
        self.assertIn("PASSED", done.stderr)

    def test_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads((program.SOURCE / "harness" / "result.schema.json").read_text())
        for text in (GOOD, submission(ALL + "y[i] = 0.0f / 0.0f;"), submission("retrun 0;"), submission("return 3;")):
            jsonschema.Draft202012Validator(schema).validate(self.grade(text)[1])

    def test_full_device(self):
        self.put("work.c", GOOD)
        done = self.place.run("run", "--no-timing", "--json", "/dev/full", "work.c")
        self.assertEqual(done.returncode, 4)
        self.assertIn("No space left on device", done.stderr)
        with open("/dev/full", "w") as full:
            done = self.place.run("run", "--no-timing", "work.c", stdout=full)
        self.assertEqual(done.returncode, 4)

    def test_full_disk(self):
        disk = self.place.path / "disk"
        disk.mkdir()
        mounted = os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], stderr=subprocess.DEVNULL).returncode == 0
        if not mounted:
            self.skipTest("a small file system cannot be mounted here (not root)")
        try:
            (disk / "result.json").write_text("old")
            filler = disk / "filler"
            try:
                filler.write_bytes(b"x" * (1 << 20))
            except OSError:
                pass
            self.put("work.c", GOOD)
            done = self.place.run("run", "--no-timing", "--json", "disk/result.json", "work.c")
            self.assertEqual(done.returncode, 4, done.stderr)
            self.assertIn("cannot write 'disk/result.json': No space left", done.stderr)
            self.assertEqual((disk / "result.json").read_text(), "old")
            self.assertEqual(sorted(os.listdir(disk)), ["filler", "result.json"])
            done = self.place.run("run", "--no-timing", "work.c", TMPDIR=str(disk))
            self.assertEqual(done.returncode, 4, done.stdout)
            self.assertIn("No space left on device", " ".join((done.stdout + done.stderr).split()))
        finally:
            subprocess.run(["umount", disk], check=True)


class Faults(Case):
    def test_no_compiler(self):
        self.put("work.c", GOOD)
        done = self.place.run("run", "--no-timing", "work.c", PATH="/nowhere", HARNESS_CC="/nowhere/gcc")
        self.assertEqual(done.returncode, 4, done.stdout)
        self.assertIn("/nowhere/gcc", done.stdout + done.stderr)

    def pack(self, change):
        packs = self.place.path / "packs"
        shutil.copytree(program.SOURCE / "tests" / "data" / "packs" / "good-scale", packs / "good-scale")
        change(packs / "good-scale")
        return packs

    def broken(self, change, words):
        self.put("work.c", GOOD)
        done = self.place.run("run", "--no-timing", "--challenges", self.pack(change), "--json", "r.json", "work.c")
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertIn("CHALLENGE BROKEN", done.stdout)
        self.assertIn(words, done.stdout)
        self.assertEqual(json.loads((self.place.path / "r.json").read_text())["verdict"], "challenge_error")

    def test_broken_spec(self):
        def change(pack):
            path = pack / "challenge.json"
            path.write_text(path.read_text().replace('"title"', '"titel"'))
        self.broken(change, "titel")

    def test_broken_reference(self):
        self.broken(lambda pack: (pack / "reference.c").write_text("int x = ;\n"), "reference.c")

    def test_one_broken_challenge_among_several(self):
        self.put("good.c", GOOD)
        half = self.place.path / "other" / "half-made"
        half.mkdir(parents=True)
        (half / "challenge.json").write_text("{")
        self.put("half_made.c", "int x;\n")
        done = self.place.run("run", "--no-timing", "--challenges", "other", "half_made.c", "good.c")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("1 of 2 accepted", done.stdout)


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
