#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`harness grade` with real gradings: grade_test.py HARNESS SOURCE_DIR."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest
import xml.etree.ElementTree as ElementTree

import program
from program import ALL, GOOD, Case, submission

WRONG = submission(ALL + "y[i] = 0.5f * x[i];")
BROKEN = submission("retrun 0;")
CRASH = submission("*(volatile int *)0 = p->n;")
ENDLESS = submission("for (volatile int k = 0; ; k++) {}")
PEOPLE = {"ana": GOOD, "joe": WRONG, "lin": BROKEN, "max": CRASH}


class Grading(Case):
    """Nothing of a test reaches the user's own store."""

    def environment(self):
        return {"XDG_STATE_HOME": str(self.place.path / "state")}

    def put_people(self, people, folder="work"):
        for person, text in people.items():
            (self.place.path / folder / person).mkdir(parents=True, exist_ok=True)
            self.put(f"{folder}/{person}/good_scale.c", text)

    def run_grade(self, *options, **more):
        return self.place.run("grade", "--no-timing", *options, **self.environment(), **more)

    def start_grade(self, *options):
        return subprocess.Popen([program.HARNESS, "grade", "--no-timing", *options], cwd=self.place.path,
                                env=self.place.environment(**self.environment()), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def results(self, folder="out"):
        """task -> (the parsed file, its bytes); every file has to be whole."""
        found = {}
        for path in sorted((self.place.path / folder / "results").iterdir()):
            self.assertFalse(path.name.startswith(".tmp"), path)
            text = path.read_text()
            found[json.loads(text)["task"]] = (json.loads(text), text)
        return found

    def check_schema(self, data):
        try:
            import jsonschema
        except ImportError:
            return
        schema = json.loads((program.SOURCE / "harness" / "result.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(data)

    def verdicts(self, folder="out"):
        return {task: record["result"]["verdict"] for task, (record, _) in self.results(folder).items()}


class Folder(Grading):
    def test_a_class(self):
        self.put_people(PEOPLE)
        self.put("work/eve__nothing.c", "int nothing;\n")
        done = self.run_grade("work", "--results", "out", "-j2", "--json", "all.json", "--junit", "all.xml")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(sorted(self.verdicts().values()),
                         ["compile_error", "crashed", "passed", "skipped", "wrong_answer"])
        table = done.stdout.splitlines()
        self.assertLessEqual(max(map(len, table)), 80)
        self.assertEqual([line.split()[0] for line in table if line.startswith("  ")][:3], ["who", "ana", "joe"])
        self.assertRegex(done.stdout, r"(?m)^  ana +passed +40 +-$")
        self.assertRegex(done.stdout, r"(?m)^  joe +wrong answer +0 +-   +case 1 seven")
        self.assertRegex(done.stdout, r"(?m)^  lin +compile error +0 +-   +good_scale\.c:4:5 ")
        self.assertRegex(" ".join(done.stdout.split()),
                         r" eve skipped 0 - cannot tell which challenge 'work/eve__nothing\.c' is for; .* // harness: ")
        self.assertRegex(table[-1], r"\A1 of 5 accepted   [\d.]+ s   wrote all\.xml, all\.json\Z")
        self.assertEqual(len(re.findall(r"(?m)^\[\d/5\] \S+ (passed|wrong answer|compile error|crashed|skipped) "
                                        r"\d+ points$", done.stderr)), 5, done.stderr)
        data = json.loads((self.place.path / "all.json").read_text())
        self.assertEqual(data["schema"], "harness-results/1")
        self.assertEqual(len(data["results"]), 5)
        self.check_schema(data)
        self.assertEqual(len(ElementTree.parse(self.place.path / "all.xml").findall("testsuite")), 5)
        self.assertEqual(os.listdir(self.place.path / "out" / "attempts"), [])

    def test_the_same_as_run(self):
        """A grading among many says what a grading by itself says."""
        self.put_people(PEOPLE)
        done = self.run_grade("work", "--results", "out", "--seed", "7", "-j2")
        for person, text in PEOPLE.items():
            shutil.rmtree(self.place.path / "alone", ignore_errors=True)
            (self.place.path / "alone").mkdir()
            _, alone = self.grade(text, "--seed", "7", name="alone/good_scale.c", **self.environment())
            record, _ = self.results()[f"{person}/good-scale"]
            among = record["result"]
            self.assertEqual(alone["points"], among["points"], done.stderr)
            for case in alone["cases"] + among["cases"]:
                case.pop("wall_ns", None)
                case.pop("place", None)
            self.assertEqual(alone["cases"], among["cases"])

    def test_json_keeps_every_digit(self):
        self.put_people({"joe": WRONG})
        self.run_grade("work", "--results", "out", "--json", "all.json")
        whole = (self.place.path / "all.json").read_text()
        _, text = self.results()["joe/good-scale"]
        self.assertIn(text[text.index('"result":') + len('"result":'):-2], whole)

    def test_nothing_to_grade(self):
        (self.place.path / "empty").mkdir()
        done = self.run_grade("empty")
        self.assertEqual((done.returncode, done.stdout), (5, ""))
        self.assertRegex(done.stderr, r"\Aharness: there is no submission in 'empty'[^\n]*\n\Z")

    def test_bad_words(self):
        self.put_people({"ana": GOOD})
        for words in (["work", "--shard", "/"], ["work", "--shard", "3/2"], ["work", "--engine", "lokal"],
                      ["work", "--results", "work/ana/good_scale.c"], ["work", "--json", "none/x.json"], ["nowhere"],
                      ["work", "--sign-key", "none"], ["work", "--engine", "slurm"],
                      ["work", "--engine", "slurm", "--shard", "1/2", "--results", "none"],
                      ["work", "--engine", "slurm", "--results", "none", "--slurm", "-p short"]):
            done = self.run_grade(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertRegex(done.stderr, r"\Aharness: [^\n]+\n\Z")
        self.assertFalse((self.place.path / "none").exists())

    def test_exit_zero_and_quiet(self):
        self.put_people({"ana": GOOD, "joe": WRONG})
        done = self.run_grade("work", "--exit-zero", "-q")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"\A1 of 2 accepted   [\d.]+ s\n\Z")

    def test_a_broken_pack_stops_nobody(self):
        packs = self.place.path / "packs"
        shutil.copytree(program.SOURCE / "tests" / "data" / "packs" / "good-scale", packs / "bad-scale")
        self.put_people({"ana": GOOD, "joe": WRONG})
        self.put("work/joe/bad_scale.c", "// harness: bad-scale\n")
        done = self.run_grade("work", "--results", "out", "--challenges", str(packs))
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(self.verdicts(), {"ana/good-scale": "passed", "joe/bad-scale": "challenge_error",
                                           "joe/good-scale": "wrong_answer"})

    def test_json_on_the_standard_output(self):
        self.put_people({"ana": GOOD})
        done = self.run_grade("work", "--json", "-")
        self.assertEqual(json.loads(done.stdout)["results"][0]["verdict"], "passed")
        self.check_schema(json.loads(done.stdout))
        self.assertIn("1 of 1 accepted", done.stderr)

    def test_signed(self):
        self.put_people({"ana": GOOD})
        self.assertEqual(self.place.run("keygen", "key").returncode, 0)
        self.run_grade("work", "--results", "out", "--sign-key", "key")
        done = self.place.run("verify-result", "--key", "key.pub", "out/results/ana~good-scale.json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class OddFolders(Grading):
    def test_a_file_system_without_links(self):
        """As mounts of some containers are."""
        if b"__asan_init" in open(program.HARNESS, "rb").read():
            self.skipTest("a sanitized harness wants to be loaded first")
        self.put("nolink.c", "#include <errno.h>\nint link(const char *a, const char *b) { (void)a, (void)b; "
                             "errno = EPERM; return -1; }\n")
        library = str(self.place.path / "nolink.so")
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, "nolink.c"], cwd=self.place.path, check=True)
        (self.place.path / "work").mkdir()
        self.put("work/eve__nothing.c", "int nothing;\n")
        for _ in range(2):
            done = self.run_grade("work", "--no-store", "--results", "out", LD_PRELOAD=library)
            self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(list(self.verdicts().values()), ["skipped"])
        self.assertEqual([p.name for p in (self.place.path / "out").iterdir() if p.name[0] == "."], [])


class Again(Grading):
    def test_only_what_is_missing(self):
        self.put_people(PEOPLE)
        self.run_grade("work", "--results", "out", "--seed", "7")
        before = self.results()
        (self.place.path / "out" / "results" / "joe~good-scale.json").unlink()
        damaged = self.place.path / "out" / "results" / "max~good-scale.json"
        damaged.write_text(damaged.read_text()[:300])
        done = self.run_grade("work", "--results", "out", "--seed", "7")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(len(re.findall(r"(?m)^\[", done.stderr)), 2, done.stderr)
        after = self.results()
        self.assertEqual(before.keys(), after.keys())
        for task in ("ana/good-scale", "lin/good-scale"):
            self.assertEqual(before[task][1], after[task][1])
        self.assertEqual(self.verdicts()["max/good-scale"], "crashed")
        self.assertEqual(os.listdir(self.place.path / "out" / "old"), ["max~good-scale.json.1"])

    def test_failed(self):
        self.put_people(PEOPLE)
        self.run_grade("work", "--results", "out")
        before = self.results()
        done = self.run_grade("work", "--results", "out", "--failed")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(len(re.findall(r"(?m)^\[", done.stderr)), 3, done.stderr)
        self.assertIn("1 of 4 accepted", done.stdout)
        after = self.results()
        self.assertEqual(before["ana/good-scale"][1], after["ana/good-scale"][1])
        self.assertNotEqual(before["joe/good-scale"][1], after["joe/good-scale"][1])
        old = self.place.path / "out" / "old" / "joe~good-scale.json.1"
        self.assertEqual(old.read_text(), before["joe/good-scale"][1])

    def test_failed_in_an_empty_shard(self):
        self.put_people({"ana": GOOD})
        for more in ([], ["--failed"]):
            done = self.run_grade("work", "--results", "out", "--shard", "2/2", *more)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("0 of 0 accepted", done.stdout)

    def test_failed_knows_a_file_that_was_changed(self):
        self.put_people({"ana": GOOD})
        self.run_grade("work")
        self.put_people({"ana": WRONG})
        done = self.run_grade("work", "--failed")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("0 of 1 accepted", done.stdout)

    def test_failed_by_the_store(self):
        self.put_people({"ana": GOOD, "joe": WRONG})
        self.run_grade("work")
        self.put_people({"new": WRONG})
        done = self.run_grade("work", "--failed")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("0 of 2 accepted", done.stdout)
        self.put_people({"joe": GOOD, "new": GOOD})
        done = self.run_grade("work", "--failed")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("2 of 2 accepted", done.stdout)
        done = self.run_grade("work", "--failed")
        self.assertEqual((done.returncode, done.stdout), (5, ""), done.stderr)

    def test_the_store_keeps_what_is_graded_again_under_one_name(self):
        """A class keeps its seed, or the name of its run; a second grading must not vanish behind the first."""
        def kept():
            runs = json.loads(self.place.run("log", "--json", "-", **self.environment()).stdout)["runs"]
            return [run["verdict"] for run in runs]

        self.put_people({"joe": WRONG})
        self.run_grade("work", "--run-id", "week3")
        self.put_people({"joe": GOOD})
        self.run_grade("work", "--run-id", "week3")
        self.assertEqual(kept(), ["passed", "wrong_answer"])
        self.assertEqual(self.run_grade("work", "--run-id", "week3", "--failed").returncode, 5)
        for folder in ("one", "two", "two"):
            self.run_grade("work", "--results", folder, HARNESS_SEED="12345678912345678")
        self.assertEqual(kept(), ["passed"] * 3 + ["wrong_answer"])
        self.put_people({"joe": WRONG})
        self.run_grade("work", "--results", "three")
        self.run_grade("work", "--results", "three", "--failed")
        self.place.run("merge", "three", **self.environment())
        self.assertEqual(kept(), ["wrong_answer"] * 2 + ["passed"] * 3 + ["wrong_answer"])

    def test_shards_and_merge(self):
        self.put_people(PEOPLE)
        for i in (1, 2, 3):
            self.run_grade("work", "--results", f"out{i}", "--shard", f"{i}/3", HARNESS_SEED="12345678912345678")
        count = sum(len(self.results(f"out{i}")) for i in (1, 2, 3))
        self.assertEqual(count, 4)
        done = self.place.run("merge", "out1", "out2", "out3", **self.environment())
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("1 of 4 accepted", done.stdout)

    def test_machines_are_told_apart(self):
        """Timings of two machines in one folder: marked, and said."""
        self.put_people({"ana": GOOD, "joe": GOOD})
        self.run_grade("work", "--results", "out")
        for person, cpu in (("ana", "Old Engine"), ("joe", "New Engine")):
            path = self.place.path / "out" / "results" / f"{person}~good-scale.json"
            text = re.sub(r'"cpu":"[^"]*"', f'"cpu":"{cpu}"', path.read_text())
            path.write_text(re.sub(r'"ratio":null', '"ratio":2', text))
        done = self.run_grade("work", "--results", "out")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("not comparable", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^  ana +passed +40 +2\S*x a$")
        self.assertRegex(done.stdout, r"(?m)^  joe +passed +40 +2\S*x b$")
        self.assertRegex(done.stdout, r"(?m)^  a  Old Engine, ")


def children(pid):
    """The graders of a parent."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as file:
                if int(file.read().rsplit(")", 1)[1].split()[1]) == pid:
                    found.append(int(entry))
        except (OSError, IndexError):
            pass
    return found


class Ends(Grading):
    def wait_for(self, what, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = what()
            if found:
                return found
            time.sleep(0.01)
        self.fail("it took too long")

    def attempts(self):
        folder = self.place.path / "out" / "attempts"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def begun(self):
        path = self.place.path / "out" / "attempts" / "joe~good-scale"
        return path.read_text().count("b") if path.exists() else 0

    def kill_grader(self, process, number):
        self.wait_for(lambda: self.begun() >= number)
        time.sleep(0.1)
        for child in children(process.pid):
            os.kill(child, signal.SIGKILL)

    def test_a_killed_grader_is_replaced(self):
        self.put_people({"joe": ENDLESS})
        process = self.start_grade("work", "--results", "out", "-j1")
        self.kill_grader(process, 1)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, err)
        record, _ = self.results()["joe/good-scale"]
        self.assertEqual((record["result"]["verdict"], record["attempt"]["try"]), ("time_limit", 2))
        self.place.run("run", "--no-timing", "work/joe/good_scale.c", **self.environment())

    def test_changed_while_the_run_goes_on(self):
        """What is graded has to be what the plan was made of."""
        self.put_people({"ana": ENDLESS, "joe": GOOD})
        process = self.start_grade("work", "--results", "out", "-j1")
        self.wait_for(lambda: "ana~good-scale" in self.attempts())
        self.put_people({"joe": WRONG})
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, err)
        self.assertEqual(self.verdicts(), {"ana/good-scale": "time_limit", "joe/good-scale": "skipped"})
        self.assertIn("was changed after", self.results()["joe/good-scale"][0]["result"]["detail"])

    def test_three_times_is_enough(self):
        self.put_people({"ana": GOOD, "joe": ENDLESS})
        process = self.start_grade("work", "--results", "out", "-j1")
        for number in (1, 2, 3):
            self.kill_grader(process, number)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 4, err)
        self.assertEqual(self.verdicts(), {"ana/good-scale": "passed", "joe/good-scale": "harness_error"})
        self.assertIn("3 times", self.results()["joe/good-scale"][0]["result"]["detail"])
        # The machine failed, so the same command asks again; what it said then is kept.
        done = self.run_grade("work", "--results", "out", "-j1")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(self.verdicts(), {"ana/good-scale": "passed", "joe/good-scale": "time_limit"})
        self.assertEqual(len(list((self.place.path / "out" / "old").iterdir())), 1)
        self.place.run("run", "--no-timing", "work/ana/good_scale.c", **self.environment())

    def test_interrupted(self):
        self.put_people({"ana": GOOD, "joe": ENDLESS})
        process = self.start_grade("work", "--results", "out", "-j1")
        self.wait_for(lambda: self.begun() == 1)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130, err)
        self.assertEqual(err.count("stopping"), 1, err)
        self.assertEqual(self.verdicts(), {"ana/good-scale": "passed"})
        self.assertIn("1 of 1 accepted", out)
        self.assertEqual((self.place.path / "out" / "attempts" / "joe~good-scale").read_text(), "bi")
        done = self.run_grade("work", "--results", "out")
        self.assertEqual(len(self.results()), 2, done.stderr)
        self.assertEqual(self.results()["joe/good-scale"][0]["attempt"]["try"], 1)

    def test_graders_die_with_their_parent(self):
        self.put_people({"joe": ENDLESS})
        process = self.start_grade("work", "--results", "out", "-j1")
        self.wait_for(lambda: self.begun() == 1)
        below = self.wait_for(lambda: children(process.pid))
        process.kill()
        process.communicate(timeout=20)
        self.wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in below), 10)
        self.assertEqual(self.results(), {})
        done = self.run_grade("work", "--results", "out")
        self.assertEqual(self.verdicts(), {"joe/good-scale": "time_limit"}, done.stderr)


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
