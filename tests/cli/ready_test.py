#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The files that users copy (harness/export/ready/) and the recipes of the README, carried out as a runner would:
ready_test.py HARNESS SOURCE_DIR."""

import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

import program
from program import ALL, GOOD, Case, submission

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
import runner  # noqa: E402

SEED = "12345678901234567890"
PARTS = 4
PEOPLE = {"ana": GOOD, "gita": submission(ALL + "y[i] = 0;"), "joe": GOOD, "lin": submission("return nothing;"),
          "max": GOOD}
PASSED = ["ana", "joe", "max"]


def ready(name):
    return program.SOURCE / "harness" / "export" / "ready" / name


def steps(path):
    """The shell commands of a workflow that call the harness itself, in their order."""
    found = re.findall(r"^\s*-(?: run:)? (harness/build/bin/harness .*)$", path.read_text(), re.MULTILINE)
    return [command.replace("${{ matrix.part }}", "$PART") for command in found]


class Ready(Case):
    def setUp(self):
        super().setUp()
        folder = self.place.path / "harness" / "build" / "bin"
        folder.mkdir(parents=True)
        (folder / "harness").symlink_to(program.HARNESS)
        for person, text in PEOPLE.items():
            folder = self.place.path / "submissions" / person
            folder.mkdir(parents=True)
            (folder / "good-scale.c").write_text(text)

    def shell(self, command, **more):
        if " grade " in command or " run " in command:
            command += " --no-timing"
        done = subprocess.run(["/bin/sh", "-euc", command], cwd=self.place.path, env=self.place.environment(**more),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                              text=True)
        self.assertEqual(done.returncode, 0, f"{command}: {done.stderr}")
        return done.stdout

    def check_points(self):
        with open(self.place.path / "points.csv", newline="") as file:
            points = {row["person"]: float(row["points"]) for row in csv.DictReader(file)}
        self.assertEqual(sorted(points), sorted(PEOPLE))
        self.assertEqual([person for person in sorted(points) if points[person] > 0], PASSED)
        self.assertTrue((self.place.path / "junit.xml").exists())

    def test_github(self):
        grade, merge = steps(ready("github.yml"))
        for part in range(1, PARTS + 1):
            self.shell(grade, PART=str(part), HARNESS_SEED=SEED)
            target = self.place.path / "parts" / f"part-{part}"
            target.parent.mkdir(exist_ok=True)
            (self.place.path / "part" / "run.json").unlink()
            (self.place.path / "part").rename(target)
        lines = runner.commands(self.shell(merge))
        self.check_points()
        self.assertIn(("error", "submissions/lin/good-scale.c"), [(line[0], line[1]["file"]) for line in lines])

    def test_gitlab(self):
        grade, merge = steps(ready("gitlab.yml"))
        for part in range(1, PARTS + 1):
            self.shell(grade, CI_NODE_INDEX=str(part), CI_NODE_TOTAL=str(PARTS), HARNESS_SEED=SEED)
            (self.place.path / f"part-{part}" / "run.json").unlink()
        self.shell(merge)
        self.check_points()
        issues = json.loads((self.place.path / "quality.json").read_text())
        self.assertIn("submissions/lin/good-scale.c", [issue["location"]["path"] for issue in issues])

    def test_classroom(self):
        command, = steps(ready("classroom.yml"))
        done = self.place.run("start", "attention-causal", "--challenges", program.SOURCE / "challenges")
        self.assertEqual(done.returncode, 0, done.stderr)
        started = done.stdout.split()[-1]
        self.assertTrue(command.endswith(f" {started}"), "a student's file has the name that `harness start' gives it")
        self.put(started, GOOD)
        lines = runner.commands(self.shell(command))
        self.assertEqual([line[1]["title"] for line in lines], ["Autograding complete", "Autograding report"])

    def test_gitlab_counts_its_parts(self):
        self.assertIn(f"parallel: {PARTS}\n", ready("gitlab.yml").read_text())
        self.assertIn(f"part: [{', '.join(map(str, range(1, PARTS + 1)))}]", ready("github.yml").read_text())

    def test_the_seed_is_not_published(self):
        """Whoever may read a repository may read what its runs keep."""
        for path in (ready("github.yml"), ready("gitlab.yml"), program.SOURCE / "README.md"):
            text = path.read_text()
            for kept, but in ((r"path: \"?part\b", r"!part/run\.json"),
                              (r"paths: \[\"part-", r"exclude: .*/run\.json")):
                for line in re.findall(rf"(?m)^.*{kept}.*$", text):
                    self.assertRegex(line, but)
            self.assertIn("run.json", text)

    def test_syntax(self):
        try:
            import yaml
        except ImportError:
            raise unittest.SkipTest("python3-yaml is not installed")
        for name in ("github.yml", "classroom.yml", "gitlab.yml"):
            self.assertIsInstance(yaml.safe_load(ready(name).read_text()), dict)


class Gradescope(Case):
    def setUp(self):
        super().setUp()
        self.root = self.place.path / "autograder"
        for name in ("submission", "results", "source/harness/build/bin"):
            (self.root / name).mkdir(parents=True)
        (self.root / "source/harness/build/bin/harness").symlink_to(program.HARNESS)
        shutil.copy(ready("gradescope/run_autograder"), self.root / "source")

    def grade(self, challenge="good-scale", **files):
        for name, text in files.items():
            (self.root / "submission" / (name + ".c")).write_text(text)
        done = subprocess.run([self.root / "source" / "run_autograder"], timeout=120, stdin=subprocess.DEVNULL,
                              env=self.place.environment(AUTOGRADER=str(self.root), CHALLENGE=challenge),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        path = self.root / "results" / "results.json"
        return done, json.loads(path.read_text()) if path.exists() else None

    def test_submission_with_a_mistake(self):
        (self.root / "source" / "seed").write_text(f" {SEED}\n")
        done, data = self.grade(work=submission(ALL + "y[i] = 0;"))
        self.assertEqual((done.returncode, data["score"], data["tests"][0]["status"]), (0, 0, "failed"))
        self.assertNotIn(SEED, done.stdout + json.dumps(data))

    def test_no_file_or_two(self):
        done, data = self.grade()
        self.assertEqual((done.returncode, data["score"]), (0, 0))
        done, data = self.grade(a=GOOD, b=GOOD)
        self.assertIn("exactly one C file for good-scale", data["output"])

    def test_no_result_when_the_submission_is_not_at_fault(self):
        done, data = self.grade(challenge="no-such-challenge", work=GOOD)
        self.assertEqual((done.returncode, data), (2, None))

    def test_scripts_are_sound(self):
        for name in ("setup.sh", "run_autograder"):
            path = ready("gradescope/" + name)
            self.assertTrue(os.access(path, os.X_OK), name)
            subprocess.run(["/bin/sh", "-n", path], check=True)
            if shutil.which("shellcheck"):
                subprocess.run(["shellcheck", path], check=True)


class Readme(Case):
    """The recipes stay short, and every option in them is one of the command's."""

    def blocks(self):
        text = (program.SOURCE / "README.md").read_text()
        section = re.search(r"^## Grade a class\n(.*?)^## ", text, re.MULTILINE | re.DOTALL).group(1)
        return re.findall(r"^```(\w+)\n(.*?)^```", section, re.MULTILINE | re.DOTALL)

    def test_ten_lines(self):
        self.assertGreaterEqual(len(self.blocks()), 6)
        for _, block in self.blocks():
            self.assertLessEqual(block.count("\n"), 10, block)

    def test_options_exist(self):
        seen = set()
        for _, block in self.blocks():
            for command, words in re.findall(r"harness (grade|merge|run)\b([^\n;&|]*)", block.replace("\\\n", " ")):
                shown = self.place.run(command, "--help").stdout
                for option in re.findall(r"(?:^|\s)(--[a-z-]+)", re.sub(r"\"[^\"]*\"|'[^']*'", "", words)):
                    seen.add(option)
                    self.assertRegex(shown, re.escape(option) + r"\b", block)
        self.assertIn("--shard", seen)

    def test_names(self):
        """What a reader starts is what he then runs, and nothing of his own is emptied on the way."""
        text = (program.SOURCE / "README.md").read_text()
        started = self.place.run("start", "attention-causal", "--challenges", program.SOURCE / "challenges")
        named = set(re.findall(r"\battention[-_]causal\.c\b", text))
        self.assertEqual(named, {started.stdout.split()[-1]})
        self.assertNotIn("/dev/null ~", text)

    def test_yaml(self):
        try:
            import yaml
        except ImportError:
            raise unittest.SkipTest("python3-yaml is not installed")
        for kind, block in self.blocks():
            if kind == "yaml":
                self.assertIsInstance(yaml.safe_load(block), dict, block)


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
