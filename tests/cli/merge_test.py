#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Shards that are graded in different places and put together: merge_test.py HARNESS SOURCE_DIR."""

import csv
import json
import shutil
import subprocess
import sys
import tarfile
import unittest
import xml.etree.ElementTree as ElementTree

import program
from program import ALL, GOOD, Case, submission

WRONG = submission(ALL + "y[i] = 0.5f * x[i];")
BROKEN = submission("retrun 0;")
PEOPLE = {"ana": GOOD, "joe": WRONG, "lin": BROKEN, "max": GOOD, "zoe": GOOD}
SCHEMAS = ("run", "shard", "task", "result")


class Shards(Case):
    def setUp(self):
        super().setUp()
        self.work = self.place.path / "work"
        for person, text in PEOPLE.items():
            (self.work / person).mkdir(parents=True)
            (self.work / person / "good_scale.c").write_text(text)

    def harness(self, *words, **more):
        more = {"XDG_STATE_HOME": str(self.place.path / "state"), "HARNESS_SEED": "11400714819323198485", **more}
        return self.place.run(*words, **more)

    def grade(self, shard, folder, *options, **more):
        done = self.harness("grade", "--no-timing", "--no-store", "--shard", shard, "--results", folder, *options,
                            "work", **more)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done

    def grade_all(self, *options):
        for i in (1, 2, 3):
            self.grade(f"{i}/3", f"out-{i}", *options)

    def merge(self, *words):
        return self.harness("merge", *words)

    def refuse(self, words, *arguments):
        done = self.merge(*arguments)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"\Aharness: [^\n]*\n\Z")
        self.assertIn(words, done.stderr)
        return done

    def read(self, name):
        return json.loads((self.place.path / name).read_text())

    def check_schemas(self, folder, signed):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schemas = {f"{kind}.schema.json": json.loads((program.SOURCE / "harness" / f"{kind}.schema.json").read_text())
                   for kind in SCHEMAS}

        def check(name, kind):
            schema = schemas[f"{kind}.schema.json"]
            jsonschema.Draft202012Validator.check_schema(schema)
            resolver = jsonschema.RefResolver("", schema, store=schemas)
            validator = jsonschema.Draft202012Validator(schema, resolver=resolver)
            data = self.read(name)
            self.assertEqual([error.message for error in validator.iter_errors(data)], [], name)
            for key in data:
                less = {other: value for other, value in data.items() if other != key}
                self.assertEqual(validator.is_valid(less), key == "signature", f"{kind} without {key}")
            self.assertFalse(validator.is_valid({**data, "more": 1}))
            return data

        check(f"{folder}/run.json", "run")
        manifest = check(f"{folder}/shard-1-of-3.json", "shard")
        self.assertEqual((manifest["index"], manifest["count"], manifest["total"]), (1, 3, 5))
        for entry in manifest["tasks"]:
            record = check(f"{folder}/results/{entry['task'].replace('/', '~')}.json", "task")
            self.assertEqual(record["inputs"], entry["inputs"])
            self.assertEqual("signature" in record, signed)

    def test_three_shards_are_as_good_as_one_run(self):
        self.grade_all()
        done = self.merge("out-1", "out-2", "out-3", "--json", "all.json", "--junit", "all.xml", "--csv", "all.csv",
                          "--points-csv", "points.csv", "--store", "store.db")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stdout, r"\n3 of 5 accepted  3 shards of the run [0-9a-f]{16}  wrote all\.xml,\s"
                                      r"all\.json,\sall\.csv,\spoints\.csv\n\Z")
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
        self.assertRegex(done.stdout, r"(?m)^  joe +wrong answer ")
        data = self.read("all.json")
        self.assertEqual([result["verdict"] for result in data["results"]],
                         ["passed", "wrong_answer", "compile_error", "passed", "passed"])
        self.assertEqual(len(ElementTree.parse(self.place.path / "all.xml").findall("testsuite")), 5)
        with open(self.place.path / "points.csv", newline="") as file:
            self.assertEqual([row[0] for row in csv.reader(file)][1:], sorted(PEOPLE))
        self.grade("1/1", "whole")
        for task in self.read("whole/shard-1-of-1.json")["tasks"]:
            name = f"results/{task['task'].replace('/', '~')}.json"
            parts = [part for part in ("out-1", "out-2", "out-3") if (self.place.path / part / name).exists()]
            self.assertEqual(len(parts), 1)
            one, other = self.read(f"whole/{name}"), self.read(f"{parts[0]}/{name}")
            self.assertEqual(one["inputs"], other["inputs"])
            self.assertEqual(one["result"]["verdict"], other["result"]["verdict"])
        log = self.harness("log", "--store", "store.db")
        self.assertEqual(log.returncode, 0, log.stderr)
        for person in PEOPLE:
            self.assertIn(person, log.stdout)

    def test_twice_is_once(self):
        self.grade_all()
        folders = ["out-1", "out-2", "out-3"]
        first = self.merge(*folders, "--store", "store.db", "--csv", "a.csv")
        second = self.merge(*folders, *folders, "--store", "store.db", "--csv", "b.csv")
        self.assertEqual(first.stdout.replace("a.csv", "b.csv"), second.stdout)
        self.assertEqual((self.place.path / "a.csv").read_bytes(), (self.place.path / "b.csv").read_bytes())
        log = self.harness("log", "--store", "store.db").stdout
        self.assertEqual(sum(line.count("ana") for line in log.splitlines()), 1, log)

    def test_a_folder_that_was_begun_in_parts(self):
        self.grade("1/3", "out")
        self.refuse("shards are not there", "out")
        self.grade("1/1", "out")
        done = self.merge("out", "--no-store")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("3 of 5 accepted", done.stdout)

    def test_exit_codes(self):
        self.grade_all()
        folders = ["out-1", "out-2", "out-3", "--no-store"]
        self.assertEqual(self.merge(*folders).returncode, 1)
        self.assertEqual(self.merge(*folders, "--exit-zero").returncode, 0)
        quiet = self.merge(*folders, "-q")
        self.assertEqual(len(quiet.stdout.splitlines()), 1)
        done = self.merge(*folders, "--json", "-")
        self.assertEqual(len(json.loads(done.stdout)["results"]), 5)
        self.assertIn("3 of 5 accepted", done.stderr)
        self.assertEqual(self.merge(*folders, "--csv", "nowhere/x.csv").returncode, 2)
        for person in ("joe", "lin"):
            shutil.rmtree(self.work / person)
        for i in (1, 2):
            self.grade(f"{i}/2", f"good-{i}")
        self.assertEqual(self.merge("good-1", "good-2", "--no-store").returncode, 0)

    def test_what_is_missing_or_spoilt(self):
        self.grade_all()
        self.refuse("shard 3/3 is not there", "out-1", "out-2")
        self.refuse("needs a folder of results")
        self.refuse("cannot read the folder 'nowhere'", "nowhere")
        self.refuse("no results of `harness grade'", "work")
        lost = self.place.path / "out-2" / "results" / "joe~good-scale.json"
        text = lost.read_text()
        lost.unlink()
        self.refuse("'joe/good-scale' in shard 2/3", "out-1", "out-2", "out-3")
        again = self.grade("2/3", "out-2")
        self.assertIn("joe/good-scale", again.stderr)
        self.assertEqual(self.merge("out-1", "out-2", "out-3", "--no-store").returncode, 1)
        lost.write_text(text.replace("wrong_answer", "passed"))
        other = self.place.path / "again"
        shutil.copytree(self.place.path / "out-2", other)
        lost.write_text(text)
        self.refuse("two different results of 'joe/good-scale'", "out-1", "out-2", "out-3", "again")
        self.grade("2/3", "seed", HARNESS_SEED="11400714819323198486")
        self.refuse("their seeds differ", "out-1", "seed", "out-3")

    def test_only_results_that_bear_the_signature(self):
        self.assertEqual(self.harness("keygen", "key").returncode, 0)
        self.grade_all("--sign-key", "key")
        folders = ["out-1", "out-2", "out-3"]
        self.assertEqual(self.merge(*folders, "--no-store", "--key", "key.pub").returncode, 1)
        self.check_schemas("out-1", True)
        path = self.place.path / "out-2" / "results" / "joe~good-scale.json"
        text = path.read_text()
        path.write_text(text.replace('"verdict":"wrong_answer"', '"verdict":"passed"'))
        self.refuse("was changed after it had been signed", *folders)
        path.write_text(text[:text.index(',"signature":')] + "}\n")
        self.assertEqual(self.merge(*folders, "--no-store").returncode, 1)
        self.refuse("is not signed", *folders, "--key", "key.pub")
        self.assertEqual(self.harness("keygen", "other").returncode, 0)
        path.write_text(text)
        self.refuse("is signed by another", *folders, "--key", "other.pub")

    def test_files_fit_their_schemas(self):
        self.grade_all()
        self.check_schemas("out-1", False)
        self.assertEqual((self.place.path / "out-1" / "run.json").stat().st_mode & 0o777, 0o600)

    def test_an_archive_is_the_same_run_as_its_folder(self):
        self.grade("1/2", "out-1")
        with tarfile.open(self.place.path / "work.tar.gz", "w:gz") as archive:
            archive.add(self.work, "work")
        done = self.harness("grade", "--no-timing", "--no-store", "--shard", "2/2", "--results", "out-2", "work.tar.gz")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(self.merge("out-1", "out-2", "--no-store").returncode, 1)

    def test_shards_that_begin_together_in_one_folder_draw_one_seed(self):
        environment = self.place.environment(XDG_STATE_HOME=str(self.place.path / "state"))
        graders = [subprocess.Popen([program.HARNESS, "grade", "--no-timing", "--no-store", "-j1", "--shard", f"{i}/4",
                                     "--results", "out", "work"], cwd=self.place.path, env=environment, text=True,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for i in (1, 2, 3, 4)]
        for grader in graders:
            _, complaints = grader.communicate(timeout=120)
            self.assertIn(grader.returncode, (0, 1), complaints)
        done = self.merge("out", "--no-store")
        self.assertEqual(done.returncode, 1, done.stderr)
        seed = self.read("out/run.json")["seed"]
        for path in (self.place.path / "out" / "results").iterdir():
            self.assertNotIn(f'"{seed}"', path.read_text())

    def test_malformed_shards(self):
        for shard in ("/", "0/3", "4/3", "a/b", "1/2/3", "+1/2", " 1/2", "1/0", "1/", "/2", "1"):
            done = self.harness("grade", "--no-timing", "--no-store", "--shard", shard, "work")
            self.assertEqual(done.returncode, 2, shard)
            self.assertIn("--shard cannot be", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
