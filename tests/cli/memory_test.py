#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Challenges without allocation, and what their reports teach: memory_test.py HARNESS SOURCE_DIR."""

import json
import shutil
import sys
import unittest

import program
from program import Case

PACK = "flash-attention"
# Zeros are wrong, so a file that is let in ends in wrong_answer.
SOURCE = """// harness: flash-attention
HEAD
int flash_attention(const struct flash_params *p, const float *q, const float *k, const float *v, float *o,
                    float *lse) {
    size_t rows = (size_t)p->h * (size_t)p->tq;
    (void)q, (void)k, (void)v;
    BODY
    for (size_t i = 0; i < rows * (size_t)p->d; i++)
        o[i] = 0;
    for (size_t i = 0; i < rows; i++)
        lse[i] = 0;
    return 0;
}
"""
BODY_LINE = 7


class Memory(Case):
    def compiled(self, body, head="#include <stdlib.h>\n#include <string.h>\n#include <stdio.h>"):
        text = SOURCE.replace("HEAD", head).replace("BODY", body)
        done, data = self.grade(text, "--challenges", program.SOURCE / "challenges", "--seed", "1", name="mine.c")
        return done, data, BODY_LINE + head.count("\n")

    def refused(self, body, *words, **more):
        done, result, line = self.compiled(body, **more)
        self.assertEqual((done.returncode, result["verdict"]), (1, "rejected_binary"), done.stdout)
        for word in words:
            self.assertIn(word.replace("LINE", str(line)), " ".join(done.stdout.split()))

    def test_malloc_is_named_with_its_line(self):
        self.refused("float *x = malloc(rows); memcpy(o, x, rows); free(x);", "calls malloc in line LINE",
                     "16 KiB of static and 256 KiB of stack memory")

    def test_what_allocates_inside(self):
        self.refused("qsort(o, rows, 4, (int (*)(const void *, const void *))strcmp);", "calls qsort in line LINE")

    def test_static_data(self):
        self.refused("static float x[5000]; x[rows] = q[0]; memcpy(o, x, rows);", "static data",
                     "16 KiB are allowed")

    def test_what_is_allowed(self):
        for body in ("static float x[1000]; x[rows] = q[0]; memcpy(o, x, rows);", 'printf("%zu\\n", rows);',
                     "static const float x[9999] = {1}; memcpy(o, x + rows, 4);",
                     "volatile float x[50000]; x[rows] = 1; o[0] = x[rows];"):
            with self.subTest(body):
                done, result, _ = self.compiled(body)
                self.assertEqual(result["verdict"], "wrong_answer", done.stdout)

    def test_the_stack_ends(self):
        done, result, _ = self.compiled("volatile char x[300 << 10]; for (int i = sizeof x; i--;) x[i] = 1;")
        self.assertEqual(result["verdict"], "crashed", done.stdout)
        self.assertIn("it has 256 KiB", " ".join(done.stdout.split()))

    def test_a_system_call_by_hand_gets_little(self):
        head = """#include <stddef.h>
static long map(size_t bytes, long flags) {
    register long r10 __asm__("r10") = flags, r8 __asm__("r8") = -1, r9 __asm__("r9") = 0;
    long result = 9;
    __asm__ volatile("syscall" : "+a"(result) : "D"(0L), "S"(bytes), "d"(3L), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}"""
        for kind, flags, mib in (("private", 0x22, 2), ("shared", 0x21, 16), ("stack", 0x122, 16)):
            with self.subTest(kind):
                body = f"if (map({mib} << 20, {flags}) > 0) for (;;) ;"
                done, result, _ = self.compiled(body, head=head)
                self.assertEqual(result["verdict"], "wrong_answer", done.stdout)

    def test_libraries_that_allocate(self):
        pack = self.place.path / PACK
        shutil.copytree(program.SOURCE / "challenges" / PACK, pack)
        spec = json.loads((pack / "challenge.json").read_text())
        (pack / "challenge.json").write_text(json.dumps({**spec, "libraries": ["m", "gomp"]}))
        done = self.place.run("show", "--challenges", ".", PACK, HARNESS_PATH=None)
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertIn("the library 'gomp' allocates", " ".join((done.stdout + done.stderr).split()))


if __name__ == "__main__":
    unittest.main(argv=program.setup(sys.argv))
