/* SPDX-License-Identifier: MIT */
/* Results made by hand: what the reports are tested on, without a compiler, a sandbox or a clock. */
#ifndef TESTS_HARNESS_FIXTURE_H
#define TESTS_HARNESS_FIXTURE_H

#include "harness/report.h"

enum { FIXTURE_PUBLIC = 3, FIXTURE_HIDDEN = 2, FIXTURE_CASES = 5, FIXTURE_TIMED = 2, FIXTURE_DIAGNOSTICS = 3 };
enum { FIXTURE_GATES = 2, FIXTURE_STEPS = 200 };

struct fixture {
    struct report_item item;
    struct grade grade;
    struct spec spec;
    struct spec_case spec_case[FIXTURE_CASES];
    struct spec_timing spec_timing[FIXTURE_TIMED];
    struct grade_case cases[FIXTURE_CASES];
    struct grade_timing timing[FIXTURE_TIMED];
    struct diagnostic diagnostic[FIXTURE_DIAGNOSTICS];
    struct grade_curve curve[FIXTURE_CASES];
    double values[FIXTURE_CASES][2 * FIXTURE_STEPS];
};

/* fixture_base.c: a submission that passed everything. */
void fixture_base(struct fixture *f);

/* Case `i` and everything after it did not pass and was not run. */
void fixture_fail_case(struct fixture *f, size_t i, enum verdict verdict);

/* Four elements of the output "o" of case `i` are wrong. */
void fixture_wrong_numbers(struct fixture *f, size_t i, double got);

/* The build ended in `verdict`; nothing ran. */
void fixture_fail_build(struct fixture *f, enum verdict verdict);

/* fixture_hostile.c: every text that a candidate, a compiler or a machine has a hand in is an attack. */
void fixture_hostile(struct fixture *f);

/* fixture_gates.c: gates and curves; a public case is wrong, or a hidden one. */
void fixture_gates(struct fixture *f);
void fixture_gates_hidden(struct fixture *f);

struct fixture_entry {
    const char *name;
    void (*make)(struct fixture *f);
};

/* fixture_table.c; ends with a NULL name */
extern const struct fixture_entry FIXTURE[];

#endif
