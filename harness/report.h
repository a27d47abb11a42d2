/* SPDX-License-Identifier: MIT */
/* The doors of the reports. Each makes its text from struct grade alone, so that screen and JSON tell one story. What
 * other programs read beside the JSON (harness/export/) is made from that. */
#ifndef HARNESS_REPORT_H
#define HARNESS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "grader/grade.h"
#include "harness/screen.h"

/* One submission: a grading, or the reason why there is none. */
struct report_item {
    const char *file;          /* as the user named it */
    const char *challenge;     /* id; NULL when it is not even known */
    const struct grade *grade; /* NULL: see error */
    bool interrupted;          /* not begun because the user stopped the run */
    struct error error;
};

struct report_look {
    bool quiet, verbose;
    bool raw;                     /* the compiler's messages in its own layout */
    bool timing;                  /* speed was asked for */
    bool seed_secret;             /* never print the seed */
    const char *challenge_option; /* what the user gave as --challenge, or NULL */
};

/* The verdict of an item, with or without a grading. */
enum verdict report_verdict(const struct report_item *item);
int report_exit(const struct report_item *item);

void report_text(const struct screen *screen, const struct report_look *look, const struct report_item *item);

/* The last line after several submissions. */
void report_text_summary(const struct screen *screen, const struct report_item *item, size_t count);

/* harness-result/1 for one item, harness-results/1 for several. The caller frees. */
char *report_json(const struct report_item *item, size_t count, const struct report_look *look);

#endif
