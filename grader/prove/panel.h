/* SPDX-License-Identifier: MIT */
/* The panel of lazy outputs: what a solution returns that computes less than it should. Pure functions of the right
 * answer; a case has power when every member that differs from the answer is rejected with room to spare.
 * Source: the harness's numerics rule; benchdnn's mistrusted outputs and the published zero-output exploits. */
#ifndef GRADER_PROVE_PANEL_H
#define GRADER_PROVE_PANEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grader/trial.h"

struct panel_view {
    const struct trial *trial;
    const struct tensor *tensor; /* the output */
    const void *perfect;         /* the right answer in the output's own type */
    const void *stale;           /* the right answer to another content of the case, same type and count */
    const double *gauge;         /* or NULL */
};

struct panel_member {
    const char *name; /* "bf16" */
    const char *what; /* "the answer rounded to bfloat16" */
    /* Fills `array` (tensor->bytes, holds a copy of the right answer). False: makes no sense for this output. */
    bool (*make)(const struct panel_view *view, void *array);
    bool whole; /* leaves nothing of the answer, whatever its format is */
};

enum { PANEL_ZEROS = 0 }; /* the member that is tried wherever the answer is not all zeros */
extern const struct panel_member PANEL[];
extern const size_t PANEL_COUNT;

/* Makes member m in `array`. False when it makes no sense here, or is the right answer itself (-0 counts as 0). */
bool panel_make(size_t m, const struct panel_view *view, void *array);

#endif
