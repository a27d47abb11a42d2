#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Output as a weapon: output_test.py HARNESS SOURCE_DIR [TEST...]

Every program of tests/hostile/output, sources that hold raw bytes, and honest files with hostile names are graded with
every report there is: the screen on a pipe and on a terminal with colours, --raw, -q, JSON and JUnit, in files and on
the standard output. Whatever the candidate wrote, nothing may be interpreted by a terminal, a build server, or a reader
of JSON or XML, and no report may grow beyond what people read.
"""

import json
import os
import pathlib
import pty
import re
import resource
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unicodedata
import unittest

try:
    import jsonschema
except ImportError:
    jsonschema = None

HARNESS = SOURCE = PACKS = None
KIB, MIB = 1 << 10, 1 << 20
# Bytes of one report. The raw one holds all that the compiler said (1 MiB), each byte escaped at worst.
LIMIT = {"text": 64 * KIB, "raw": 5 * MIB, "json": MIB, "junit": 256 * KIB}
MEMORY = 512 * MIB  # of the harness or of the largest process that it waited for: a compiler among them
COLUMNS = 80

OWN_COLOURS = re.compile(r"\x1b\[(0|1|1;31|1;32|1;33)m")
OWN_ERASE = "\r\x1b[K"  # the line of progress, on a terminal only
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
                      "\U000e0000-\U000e007f]")
ANYWHERE = re.compile(r"##[A-Za-z]*\[")  # GitHub, Azure, TeamCity
BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + "\u200b\ufeff"

HONEST = (b"// harness: hostile-matmul\n#include \"hostile-matmul.h\"\n"
          b"int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {\n"
          b"    for (int32_t i = 0; i < n; i++)\n        for (int32_t j = 0; j < n; j++) {\n"
          b"            float sum = 0;\n"
          b"            for (int32_t k = 0; k < n; k++)\n                sum += a[i * n + k] * b[k * n + j];\n"
          b"            c[i * n + j] = alpha * sum;\n        }\n    return 0;\n}\n")

ATTACK = (b"::error::x \x1b[2J\x1b]52;c;aGk=\x07\x9b31m\xc2\x9b31m \xe2\x80\xaeDESSAP \xff\xc0\xaf\xed\xa0\x80"
          b" \x08\x08\r##[error]y ##vso[task.complete]z ]]></failure><testcase name=\"f\"/>&#27;"
          b" \xc2\xa0::error::w \xef\xbf\xbe\x7f")
QUOTED = ATTACK.replace(b'"', b"'")
PRAGMA = QUOTED.replace(b"\r", b"")  # a carriage return ends a line for gcc
# A message that is broken at its blanks, so that each of them starts a line once.
PADDED = b" ".join(b"x" * length + b" " + blank + b"::error::wrapped" for length in range(40, 72, 2)
                   for blank in (b"\xc2\xa0", b"\xe3\x80\x80", b"\xe2\x80\x83", b"\xe1\x9a\x80", b""))
FOREIGN = "int \u00e9\u4e2d\u6587 = \u00fc\u00f1\u00ef + \u0645\u0631\u062d\u0628\u0627;\n".encode()

# Raw bytes that no file of the repository should hold: what is put before or into the honest source.
RAW_ERRORS = {
    "error": b"#error " + ATTACK + b"\n" + HONEST,
    "error_padded": b"#error " + PADDED + b"\n" + HONEST,
    "line": b"#line 1 \"" + QUOTED + b"\"\nint x = nothing;\n" + HONEST,
    "include": b"#include \"" + QUOTED + b"\"\n" + HONEST,
    "source_line": b"int x = nothing; /* " + ATTACK + b" */\n" + HONEST,
    "tabs": b"\t\t\xe6\x97\xa5\xcc\x81\tint x = /* \xf0\x9f\x98\x80 */ nothing;\n" + HONEST,
    "nul": b"int x = \0nothing\0;\n\0\0\0\n" + HONEST,
    "long_line": HONEST + b"int x = " + b"(" * 200 + b"nothing" + b" " * 100000 + b";\n",
    "identifiers": FOREIGN + HONEST,
    "assembler": b"__asm__(\"" + PRAGMA + b"\");\n" + HONEST,
    "undefined": b"void f(void) __asm__(\"\\\"" + ATTACK.split(b"\xff")[0] + b"\\\"\");\n"
                 + HONEST.replace(b"    return 0;", b"    f();\n    return 0;"),
    "prototype": HONEST.replace(b"float *c) {", b"float *c, int " + b"y" * 5000 + b") {"),
}
RAW_WARNINGS = {"warning": b"#warning " + PRAGMA + b"\n#pragma message \"" + PRAGMA + b"\"\n" + HONEST}

NAMES = [b"line\nfeed ::error::x.c", b"\n::error::x.c", b"::error::x.c", b"  ::notice::x.c", b"\xc2\xa0::error::x.c",
         b"\x1b[31m\x1b]0;t\x07.c", b"\x9b31m\xc2\x9b31m.c", b"##[group]x.c", b"##vso[task.complete]x.c", b"-rf.c",
         b"-r f.c", b"--json=x.c", b"quo'te\".c", b"$(touch owned)`touch owned`;touch owned.c", b"a" * 248 + b".c",
         b"\x1b" * 248 + b".c", b"%s%n%1000d.c", b"&<a>]]><![CDATA[.c", b"\xff\xfe\xc0\xaf.c", b"\xe2\x80\xaec.txt",
         b"tab\tback\\slash.c", b"*?[x].c", b" .c", b"hostile-matmul.h", b"exports.map", b"\xe6\x97\xa5" * 80 + b".c",
         b"\r\x08\x7f.c"]


def memory_of(child):
    """Waits; the most that the child or a process that it waited for ever held, in bytes."""
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss * 1024


def columns(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Place:
    """A folder with the files to grade, and the built reference of the pack for all of them."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="harness-output-")
        self.path = os.fsencode(self.folder.name)
        os.chmod(self.path, 0o755)

    def put(self, name, content):
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        pathlib.Path(os.fsdecode(path)).write_bytes(content)
        return name

    def environment(self, language):
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": self.folder.name, "HARNESS_PATH": str(PACKS),
               "LC_ALL": language, "TERM": "xterm-256color"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TMPDIR"):
            if name in os.environ:
                env[name] = os.environ[name]
        return env

    def start(self, arguments, language, **streams):
        return subprocess.Popen([os.fsencode(HARNESS), b"run", b"--no-timing", *arguments], cwd=self.path,
                                env=self.environment(language), stdin=subprocess.DEVNULL, **streams)

    def run(self, *arguments, language="C.UTF-8"):
        """stdout, stderr, exit code and memory of a run whose streams are files."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = self.start(arguments, language, stdout=out, stderr=err)
            memory = memory_of(child)
            texts = []
            for stream in (out, err):
                stream.seek(0)
                texts.append(stream.read())
        return *texts, child.returncode, memory

    def on_terminal(self, *arguments):
        """What a terminal of 80 columns gets from both streams, and the exit code."""
        master, slave = pty.openpty()
        child = self.start(arguments, "C.UTF-8", stdout=slave, stderr=slave)
        os.close(slave)
        text, deadline = b"", time.monotonic() + 60
        while time.monotonic() < deadline:
            if not select.select([master], [], [], 1)[0]:
                continue
            try:
                piece = os.read(master, 65536)
            except OSError:  # EIO: the other end is closed
                break
            if not piece:
                break
            text += piece
        os.close(master)
        memory_of(child)
        return text.replace(b"\r\n", b"\n"), child.returncode

    def read(self, name):
        return (pathlib.Path(self.folder.name) / name).read_bytes()

    def close(self):
        self.folder.cleanup()


class Weapons(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = Place()
        cls.addClassCleanup(cls.place.close)
        schema = json.loads((SOURCE / "harness" / "result.schema.json").read_text())
        cls.validator = jsonschema.Draft202012Validator(schema) if jsonschema else None

    def calm(self, text, kind, lines=False, tabs=False):
        """Nothing in `text` (bytes) means anything but its letters."""
        self.assertLessEqual(len(text), LIMIT[kind], "the report is too long")
        words = text.decode("utf-8")
        if tabs:
            words = words.replace("\t", " ")
        found = CONTROLS.search(words)
        self.assertIsNone(found, found and repr(words[max(found.start() - 40, 0):found.end() + 40]))
        for line in words.split("\n"):
            self.assertFalse(line.lstrip(BLANKS).startswith("::"), line[:200])
            self.assertIsNone(ANYWHERE.search(line), line[:200])
            if lines:
                self.assertLessEqual(columns(line), COLUMNS, line)
                self.assertEqual(line, line.rstrip(" "))

    def strict_json(self, text):
        def no_constant(word):
            raise AssertionError(f"{word} is no JSON")

        def no_twins(pairs):
            self.assertEqual(len(pairs), len(dict(pairs)), "a key stands twice")
            return dict(pairs)

        self.calm(text, "json", tabs=True)
        result = json.loads(text.decode("utf-8"), parse_constant=no_constant, object_pairs_hook=no_twins)
        if self.validator:
            errors = [f"{e.json_path}: {e.message[:200]}" for e in self.validator.iter_errors(result)]
            self.assertEqual(errors, [])
        json.dumps(result).encode("utf-8")  # no lone halves of surrogate pairs
        return result

    def valid_junit(self, text, accepted, only_case):
        self.calm(text, "junit", tabs=True)
        self.assertNotIn(b"<!", text)
        names = re.findall(rb"<testcase [^>]*\bname=\"([^\"]*)\"", text)
        allowed = {b"build", b"grading", b"seven", b"odd", b"offset", b"negative", b"empty", b"hidden-1"}
        self.assertEqual(set(names) - allowed, set(), "a case that no pack has")
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(b"<failure" in text or b"<error" in text, not accepted)
        self.assertEqual(text.count(b"<testcase"), len(names))
        if shutil.which("xmllint"):
            xsd = SOURCE / "tests" / "harness" / "junit.xsd"
            done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", xsd, "-"], input=text,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=30)
            self.assertEqual(done.returncode, 0, done.stderr[:2000])

    def all_reports(self, name, verdict, *options):
        """Grades the file with each kind of report and looks at all of them."""
        place, accepted = self.place, verdict == "passed"
        code = 0 if accepted else 1
        arguments = [*options, b"--", name]
        files = (b"--json", b"r.json", b"--junit", b"r.xml")
        out, err, exit_code, memory = place.run(b"-v", *files, *arguments, language="C")
        self.calm(out, "text", lines=True)
        self.calm(err, "text", lines=True)
        self.assertEqual(exit_code, code, out)
        self.assertLessEqual(memory, MEMORY)
        result = self.strict_json(place.read("r.json"))
        self.assertEqual(result["verdict"], verdict)
        self.assertEqual(result["exit"], code)
        self.valid_junit(place.read("r.xml"), accepted, options)
        if options:  # what a program printed is shown when no hidden case ran
            screen, exit_code = place.on_terminal(b"-v", *arguments)
            self.assertEqual(exit_code, code)
            text = OWN_COLOURS.sub("", screen.decode("utf-8").replace(OWN_ERASE, "\n"))
            self.calm(text.encode(), "text", lines=True)
        raw, err, exit_code, _ = place.run(b"--raw", b"--color", b"never", *arguments)
        self.calm(raw, "raw")
        self.calm(err, "text")
        self.assertEqual(exit_code, code)
        return result

    def on_stdout(self, name, verdict, *options):
        """The reports for programs on the standard output, and the short screen."""
        arguments = [*options, b"--", name]
        out, err, _, _ = self.place.run(b"--json", b"-", *arguments)
        self.assertEqual(self.strict_json(out)["verdict"], verdict)
        self.calm(err, "text", lines=True)
        out, err, _, _ = self.place.run(b"--junit", b"-", *arguments)
        self.valid_junit(out, verdict == "passed", options)
        self.calm(err, "text", lines=True)
        out, err, _, _ = self.place.run(b"-q", *arguments)
        self.calm(out + err, "text", lines=True)
        self.assertLessEqual(out.count(b"\n"), 1)

    def test_programs(self):
        paths = sorted((SOURCE / "tests" / "hostile" / "output").glob("*.c"))
        self.assertGreaterEqual(len(paths), 12)
        for path in paths:
            text = path.read_bytes()
            verdict = text.split(b"\n", 1)[0].rsplit(b"=> ", 1)[1].decode()
            with self.subTest(path.name):
                name = self.place.put(os.fsencode(path.name), text)
                hidden_only = path.name == "crash_in_a_hidden_case.c"
                self.all_reports(name, verdict)
                self.all_reports(name, "passed" if hidden_only else verdict, b"--case", b"seven")
                self.on_stdout(name, verdict)

    def test_raw_bytes_in_the_source(self):
        for raw, verdict in ((RAW_ERRORS, "compile_error"), (RAW_WARNINGS, "passed")):
            for name, text in raw.items():
                with self.subTest(name):
                    file = self.place.put(b"raw_" + name.encode() + b".c", text)
                    result = self.all_reports(file, verdict, b"--case", b"seven")
                    self.on_stdout(file, verdict, b"--case", b"seven")
                    self.assertEqual(result["build"]["errors"] > 0, verdict != "passed", "no error is shown")

    def test_names(self):
        for name in NAMES:
            with self.subTest(name):
                shutil.rmtree(self.place.path + b"/names", ignore_errors=True)
                file = self.place.put(b"names/" + name, HONEST)
                self.all_reports(file, "passed", b"--case", b"seven")
                self.assertEqual(os.listdir(self.place.path + b"/names"), [name], "something else came up")
                self.place.put(b"names/" + name, b"int x = nothing;\n" + HONEST)
                self.on_stdout(file, "compile_error", b"--case", b"seven")
        self.assertFalse(os.path.exists(self.place.path + b"/owned"))

    def test_names_of_folders(self):
        for name in (b"a\n::error::x", b"\xc2\xa0::error::", b"\x1b[2J", b"\xff", b"##[error]"):
            with self.subTest(name):
                self.all_reports(self.place.put(name + b"/work.c", HONEST), "passed", b"--case", b"seven")

    def test_what_cannot_be_graded(self):
        """A file that is not there, is empty, is for no challenge: the name and the id come back in a sentence."""
        contents = (None, b"", HONEST.replace(b"hostile-matmul", b"hostile-matmuI"), b"// harness: " + b"x" * 3000)
        for name in NAMES:
            for content in contents:
                with self.subTest(name=name, content=content and content[:30]):
                    file = b"not/" + name
                    if content is not None:
                        self.place.put(file, content)
                    out, err, code, _ = self.place.run(b"--", file)
                    self.assertEqual(code, 2, err)
                    self.calm(out + err, "text")
                    if content is not None:
                        os.unlink(os.path.join(self.place.path, file))

    def test_names_that_look_like_options(self):
        """`harness run *` in a folder with such files: refused in words that do nothing."""
        for name in (b"--\x1b[31m", b"-\x1b", b"--\n::error::x", b"--json\x1b[2J=x", b"--case=\x1b[2J\n::error::",
                     b"--seed=\xff\x1b", b"--challenge=\n::error::\x1b", b"--require-sandbox=\x9b", b"--threads=\x1b",
                     b"--color=\n##[error]"):
            with self.subTest(name):
                file = self.place.put(b"work.c", HONEST)
                out, err, code, _ = self.place.run(name, file)
                self.assertIn(code, (2, 4), err)
                self.calm(out + err, "text")

    def test_many_files(self):
        files = [self.place.put(b"many/" + name, b"#error " + ATTACK + b"\n" + HONEST) for name in NAMES[:8]]
        out, err, code, _ = self.place.run(b"--json", b"-", b"--junit", b"m.xml", b"--", *files)
        self.assertEqual(code, 1)
        self.assertEqual([r["verdict"] for r in self.strict_json(out)["results"]], ["compile_error"] * len(files))
        self.calm(err, "text", lines=True)
        self.calm(self.place.read("m.xml"), "junit", tabs=True)

    def test_hidden_cases_show_no_place(self):
        """A crash at a line of the candidate's choice would tell the size of a hidden case."""
        name = self.place.put(b"hidden.c", (SOURCE / "tests/hostile/output/crash_in_a_hidden_case.c").read_bytes())
        out, _, _, _ = self.place.run(b"-v", b"--json", b"h.json", b"--junit", b"h.xml", name)
        for text in (out, self.place.read("h.json"), self.place.read("h.xml")):
            self.assertIn(b"hidden", text)
            self.assertIsNone(re.search(rb"hidden\.c:\d|n=89|SIG[A-Z]{3}", text), text)


def main():
    global HARNESS, SOURCE, PACKS
    if len(sys.argv) < 3:
        sys.exit("usage: output_test.py HARNESS SOURCE_DIR [TEST...]")
    HARNESS, SOURCE = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2]).resolve()
    PACKS = SOURCE / "tests" / "hostile" / "packs"
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])


if __name__ == "__main__":
    main()
