/* SPDX-License-Identifier: MIT */
/* What `harness run` does with the store: keeps each grading and tells how it stands.
 *
 * A store that the user named must work, and that is found out before anything is graded. One that nobody asked for
 * costs a note when it does not work, never a grade. Nothing is held open while a submission runs. */
#ifndef HARNESS_KEEP_H
#define HARNESS_KEEP_H

#include <time.h>

#include "harness/options.h"
#include "harness/report.h"

struct keep {
    const struct options *options;
    bool complained;
};

int keep_check(const struct options *options, struct error *err);

/* Returns the exit code of a failure, 0 if all is well. */
int keep_item(struct keep *keep, const struct screen *screen, const struct report_look *look,
              const struct report_item *item, time_t started);

/* Equal for equal seeds, and says nothing about a seed even to somebody who tries all of them: each try costs memory
 * and milliseconds. The caller frees. */
char *keep_seed_reference(uint64_t seed);

/* The sentences of `standing_words`, and how to see the run again. */
void keep_put_words(const struct screen *screen, const char *words);

#endif
