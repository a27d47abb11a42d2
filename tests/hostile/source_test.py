#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Submissions that are hostile by what they are and not by what they hold: links, folders, pipes, devices, names.

source_test.py HARNESS SOURCE_DIR. What cannot lie in the corpus as a C file stands here.
"""

import json
import os
import pathlib
import socket
import sys
import unittest
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))

import program
from program import GOOD, Case, submission

SECRET = "CANARY-5f0e and two words"


class Files(Case):
    def refused(self, name, *words):
        """The user named something that is no C file: exit code 2, one line that says so, nothing on stdout."""
        done = self.place.run("run", "--no-timing", "--challenge", "good-scale", name)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        return done

    def test_link_to_a_secret(self):
        """In a folder that its author controls, a link makes the grader read a file of its own, and quote it."""
        (self.place.path / "secret").write_text(SECRET + "\n")
        (self.place.path / "secret").chmod(0o600)
        (self.place.path / "work.c").symlink_to("secret")
        done = self.refused("work.c", "symbolic link")
        self.assertNotIn("5f0e", done.stderr)

    def test_link_to_nothing_and_to_itself(self):
        (self.place.path / "work.c").symlink_to("nowhere")
        self.refused("work.c")
        (self.place.path / "loop.c").symlink_to("loop.c")
        self.refused("loop.c")

    def test_folder(self):
        (self.place.path / "work.c").mkdir()
        self.refused("work.c", "folder")

    def test_pipe(self):
        os.mkfifo(self.place.path / "work.c")
        self.refused("work.c", "regular")

    def test_socket(self):
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(self.place.path / "work.c"))
            self.refused("work.c")

    def test_device_without_an_end(self):
        self.refused("/dev/zero", "regular")

    def test_hundred_megabytes(self):
        with open(self.place.path / "work.c", "w") as file:
            file.write(GOOD)
            file.truncate(100 << 20)
        self.refused("work.c", "larger")

    def test_empty(self):
        self.put("work.c", "")
        self.refused("work.c", "empty")


class Names(Case):
    def passes(self, name, text=GOOD):
        self.put(name, text)
        done = self.place.run("run", "--no-timing", "--json", "result.json", "--", name)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        data = json.loads((self.place.path / "result.json").read_text())
        self.assertEqual(data["verdict"], "passed")
        return done

    def test_name_of_a_header(self):
        """Found before the real one, it would be read by the contract."""
        for name in ("stdint.h", "good-scale.h", "stdc-predef.h"):
            self.passes(name)

    def test_names_of_the_build(self):
        for name in ("exports.map", "solution.so", "located.so", "solution.o", "candidate-stub.c"):
            self.passes(name)

    def test_names_that_look_like_options(self):
        for name in ("-o.c", "@work.c", "-", "work c.c", "a;b.c", "$(touch x).c", "é.c", "x" * 200 + ".c"):
            if name != "-":
                self.passes(name)
        self.assertFalse((self.place.path / "x").exists())

    def test_control_characters(self):
        done = self.passes("a\033[2Jb\n::error::c.c")
        self.assertNotIn("\033", done.stdout + done.stderr)
        self.assertFalse(any(line.startswith("::") for line in done.stdout.splitlines()), done.stdout)

    def test_headers_beside_the_file_are_not_used(self):
        for name in ("stdint.h", "math.h", "stdc-predef.h"):
            self.put(name, "#error the header of the folder was taken\n")
        self.passes("work.c", '#include "stdint.h"\n#include <math.h>\n' + GOOD)


class Messages(Case):
    HOSTILE = ('#pragma message "\\033[2J\\n::error::forged\\r##[error]forged"\n'
               '_Static_assert(0, "\\033]0;owned\\007\\n::set-output name=verdict::passed");\n'
               "#error \033[2J ]]> \x01 \xff \xc3( \u202e &amp; <x>\n")

    def test_every_report_stays_whole(self):
        """Bytes of the file come back in the compiler's messages: escaped for a terminal, valid for a program."""
        text = self.HOSTILE.encode("latin-1", "replace") + submission("return 1 +;").encode()
        done, data = self.grade(text, "--junit", "result.xml")
        self.assertEqual((done.returncode, data["verdict"]), (1, "compile_error"), done.stderr)
        ElementTree.parse(self.place.path / "result.xml")
        raw, _ = self.grade(text, "--raw")
        for stdout in (done.stdout, raw.stdout):
            for byte in "\033\007\001\r":
                self.assertNotIn(byte, stdout)
            for line in stdout.splitlines():
                self.assertFalse(line.lstrip().startswith(("::", "##[")), line)

    def test_line_markers_quote_no_other_file(self):
        (self.place.path / "secret").write_text(SECRET + "\n")
        (self.place.path / "secret").chmod(0o644)
        text = '# 1 "%s"\nint a = undeclared;\n#line 1 "secret"\nint b = undeclared;\n' % (self.place.path / "secret")
        for options in ((), ("--raw",), ("--sandbox-at-most", "D", "--require-sandbox", "D", "--raw")):
            done, data = self.grade(text + GOOD, *options)
            self.assertEqual(data["verdict"], "compile_error", done.stderr)
            self.assertNotIn("5f0e", done.stdout + done.stderr + json.dumps(data))


class Limits(Case):
    def test_includes_that_never_end(self):
        """2^200 files of a few bytes each: no memory, only time, and the processor time of the compiler is limited."""
        done, data = self.grade("#include __FILE__\n#include __FILE__\n" + GOOD)
        self.assertEqual((done.returncode, data["verdict"]), (1, "compile_error"), done.stdout + done.stderr)
        self.assertIn("time", data["build"]["detail"])


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
