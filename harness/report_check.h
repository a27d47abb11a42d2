/* SPDX-License-Identifier: MIT */
/* The reports of `harness check`, made from struct prove_report alone, like those of a grading from struct grade. */
#ifndef HARNESS_REPORT_CHECK_H
#define HARNESS_REPORT_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "grader/prove/prove.h"
#include "harness/screen.h"

/* One pack: a proof, or the reason why there is none. */
struct check_item {
    const char *directory;
    const struct prove_report *report; /* NULL: see error */
    bool interrupted;                  /* not begun because the user stopped the run */
    struct error error;
};

/* 0 proven, 3 broken, 4 when the machine was at fault. */
int report_check_exit(const struct check_item *item);

/* A table of the proofs, each finding with its remedy below. `verbose` adds the solutions, `quiet` leaves the last line
 * only. */
void report_check_text(const struct screen *screen, bool quiet, bool verbose, const struct check_item *item);
void report_check_summary(const struct screen *screen, const struct check_item *item, size_t count);

/* harness-check/1, described by check.schema.json; one object with a list of packs. The caller frees. */
char *report_check_json(const struct check_item *item, size_t count);

/* JUnit XML: a testsuite for each pack, a testcase for each proof. The caller frees. */
char *report_check_junit(const struct check_item *item, size_t count);

#endif
