/* SPDX-License-Identifier: MIT */
/* One visit to a case: its call, or the calls of all its stages, with one content. What several visits to the same case
 * show that one does not, the table in visit.c says. Private to the corridor. */
#ifndef GRADER_VISIT_H
#define GRADER_VISIT_H

#include "grader/grading.h"

struct visit {
    const char *ordinal, *aside; /* "second", "(new values in the same buffers)" */
    size_t content;
    bool right; /* arguments end at the guard page; else they begin at one of the left variants */
    bool again; /* the same values in the same places as the first visit: the same bits */
};

/* The visits that a case gets: two if it has only one content. */
const struct visit *visit_list(const struct spec_case *c, size_t *count);

/* Where the arguments lie. */
enum layout_variant visit_variant(size_t question, const struct visit *visit);

/* One worker for all cases; a new one after a death, and for a stage that asks for it. */
struct classroom {
    struct memory inputs, outputs;
    struct arena arena;
    struct run *run;
    bool used; /* something was called in the present worker */
    size_t time_limits;
};

struct exam { /* one case being examined */
    struct grading *g;
    struct classroom *room;
    size_t index;
    struct grade_case *result;
    struct snapshot first; /* the outputs of the first visit */
};

/* What is wrong with the candidate goes to exam->result. */
int visit_make(struct exam *exam, const struct visit *visit, struct error *err);

#endif
