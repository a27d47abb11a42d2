/* SPDX-License-Identifier: MIT */
/* Changes to one argument of a trial, to see whether the answer follows. Pure. */
#ifndef GRADER_PROVE_DISTURB_H
#define GRADER_PROVE_DISTURB_H

#include <stdbool.h>
#include <stddef.h>

#include "grader/trial.h"

enum disturb_kind {
    DISTURB_VALUES, /* floats: each finite element times about 1.1 or 0.9, zeros a little off zero; integers: the values
                       of another content of the same case */
    DISTURB_ORDER,  /* the finite elements in reverse order, NaN and infinity (padding) where they are */
    DISTURB_KINDS
};

const char *disturb_word(enum disturb_kind kind); /* "other values", "another order" */

/* Changes argument a of `trial` in place; `other` is another content of the same case. False if nothing changed (a
 * constant in another order, a list of integers that is always the same) or the argument is not there (NULL, empty). */
bool disturb(struct trial *trial, const struct trial *other, size_t a, enum disturb_kind kind);

/* A copy of the trial with inputs of its own. */
int disturb_copy(const struct trial *trial, struct trial *copy, struct error *err);

#endif
