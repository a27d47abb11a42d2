/* SPDX-License-Identifier: MIT */
/* One C file of the corpus, and what its head promises:
 *
 *     // A7: remembers the answer by the address of its input => wrong_answer | passed
 *     // harness: hostile-matmul
 *     // test: timing
 *     // at C D: => passed
 *
 * The first line names the row of the catalogue, the attack and the verdict that it must get. Of the others only
 * `harness:` is required. `test:` holds words: `timing` (measured too), `files` (reads what the compiler or the code
 * should not see) and `system` (system calls, processes, memory of others). `at` overrides the verdict at the levels it
 * names. In a program that tests the driver itself, `reports:` quotes what the driver must complain of. */
#ifndef TESTS_HOSTILE_PROGRAM_H
#define TESTS_HOSTILE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grader/spec.h"
#include "grader/verdict.h"

enum { PROGRAM_LEVELS = 4, PROGRAM_PATH = 1024 };

struct program {
    char path[PROGRAM_PATH];
    char family[32], file[96]; /* "timing", "remembers_address.c" */
    char name[96];             /* "timing/remembers_address" */
    char row[12];              /* "A7", "S a01", "H" */
    char pack[64];
    uint32_t promised[PROGRAM_LEVELS]; /* one bit for each verdict, by level */
    bool timing, files, system;
    char reports[64];
    char fault[300];           /* why the head cannot be understood, or empty */
    char honest[PROGRAM_PATH]; /* an honest solution of the same pack, to hold its speed against; may be empty */
    const struct spec *spec;
};

/* Never fails: what is wrong with the head is in `fault`. */
void program_read(const char *path, const char *family, const char *file, struct program *program);

bool program_promises(const struct program *program, int level, enum verdict verdict);

/* "passed | wrong_answer" */
void program_promise_text(const struct program *program, int level, char *text, size_t size);

#endif
