#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Keys, signed results and forged ones: sign_test.py HARNESS SOURCE_DIR."""

import resource
import sys
import unittest

import program
from program import Case, GOOD


class Sign(Case):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.place.run("keygen", "key").returncode, 0)

    def signed(self, *options, **more):
        done, _ = self.grade(GOOD, *options, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.place.path / "result.json"

    def verify(self, *words):
        return self.place.run("verify-result", *words)

    def test_signed_result(self):
        self.signed("--sign-key", "key")
        done = self.verify("--key", "key.pub", "result.json")
        self.assertEqual((done.returncode, done.stdout.split()[0]), (0, "GOOD"))
        done = self.verify("result.json")
        self.assertEqual(done.returncode, 0)
        self.assertIn("--key FILE.pub", done.stdout)

    def test_key_from_the_environment(self):
        self.signed(HARNESS_SIGN_KEY_FILE="key")
        self.assertEqual(self.verify("--key", "key.pub", "result.json").returncode, 0)

    def test_edited_result(self):
        path = self.signed("--sign-key", "key")
        text = path.read_text()
        for old, new in (('"verdict"', '"verdict" '), ('"passed"', '"PASSED"'), ('"exit"', '"exiT"')):
            self.assertIn(old, text)
            path.write_text(text.replace(old, new, 1))
            done = self.verify("result.json")
            self.assertEqual((done.returncode, done.stdout.split()[0]), (1, "FORGED"), old)

    def test_another_key_and_none(self):
        self.assertEqual(self.place.run("keygen", "other").returncode, 0)
        self.signed("--sign-key", "other")
        self.assertEqual(self.verify("--key", "key.pub", "result.json").returncode, 1)
        self.signed()
        done = self.verify("--key", "key.pub", "result.json")
        self.assertEqual((done.returncode, done.stdout.split()[0]), (1, "UNSIGNED"))

    def test_half_a_key_does_not_stay(self):
        for size in (0, 10, 120):  # of the secret key's file or of the public one's
            done = self.place.run("keygen", "full", preexec_fn=lambda size=size: resource.setrlimit(
                resource.RLIMIT_FSIZE, (size, size)))
            self.assertEqual(done.returncode, 4 if size < 100 else 0, done.stderr)
            self.assertEqual([path.name for path in self.place.path.glob("full*")] == [], size < 100)

    def test_bad_files(self):
        self.put("empty", "")
        for words in (("keygen", "key"), ("verify-result", "none.json"), ("verify-result", "--key", "empty", "key"),
                      ("keygen", "no/such/folder/key"), ("verify-result",),
                      ("run", "--no-timing", "--sign-key", "none", "work.c")):
            done = self.place.run(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
