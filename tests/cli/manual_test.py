#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The manual pages tell of everything that there is: manual_test.py HARNESS SOURCE_DIR."""

import json
import re
import shutil
import subprocess
import sys
import unittest

import program
from program import Case


def page(name):
    """The words of a page, with the quoting and the macros of mdoc taken away."""
    text = (program.SOURCE / "harness" / "man" / name).read_text()
    return text.replace("Fl -", "--").replace("\\-", "-")


class Manual(Case):
    def test_commands(self):
        text = page("harness.1")
        overview = self.place.run("--help").stdout
        names = re.findall(r"(?m)^  ([a-z-]+) ", overview.split("Commands", 1)[1])
        self.assertIn("check", names)
        for name in names:
            self.assertRegex(text, rf"(?m)^\.It Cm {name}\b", f"{name} is not in harness.1")

    def test_options(self):
        text = page("harness.1")
        for command in ("run", "check", "new", "list", "verify-result", "grade", "merge", "log", "show-run"):
            words = self.place.run(command, "--help").stdout.split("Exit codes")[0]
            for option in re.findall(r"--([a-z][a-z-]+)", words):
                self.assertIn(f"--{option}", text, f"--{option} of {command} is not in harness.1")

    def test_exit_codes(self):
        text = page("harness.1")
        for code in re.findall(r"(?m)^  (\d+) ", self.place.run("run", "--help").stdout.split("Exit codes:")[1]):
            self.assertRegex(text, rf"(?m)^\.It {code}$")

    def test_keys_of_the_spec(self):
        text = page("harness-challenge.5")
        schema = json.loads((program.SOURCE / "challenges" / "challenge.schema.json").read_text())

        def keys(node):
            if isinstance(node, dict):
                yield from node.get("properties", {}) if isinstance(node.get("properties"), dict) else ()
                for value in node.values():
                    yield from keys(value)
            elif isinstance(node, list):
                for value in node:
                    yield from keys(value)

        for key in sorted(set(keys(schema))):
            self.assertRegex(text, rf"\b{re.escape(key.lstrip('$'))}\b", f"{key} is not in harness-challenge.5")

    def test_proofs(self):
        text = page("harness.1")
        schema = json.loads((program.SOURCE / "harness" / "check.schema.json").read_text())
        for name in schema["$defs"]["proof"]["properties"]["name"]["enum"]:
            self.assertRegex(text, rf"(?m)^\.It {name}$")

    def test_form(self):
        if shutil.which("mandoc") is None:
            self.skipTest("mandoc is not installed")
        for path in (program.SOURCE / "harness" / "man").iterdir():
            done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", path], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
