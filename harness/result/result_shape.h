/* SPDX-License-Identifier: MIT */
/* What a harness-result/1 document looks like: result.schema.json as tables, for a program that has no validator. */
#ifndef HARNESS_RESULT_SHAPE_H
#define HARNESS_RESULT_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "grader/json.h"

enum shape_type {
    SHAPE_TEXT,
    SHAPE_DIGITS,  /* the decimal digits of a number below 2^64, as text */
    SHAPE_HIDDEN,  /* the public name of a hidden case: hidden-3 */
    SHAPE_WORD,    /* one of `words` */
    SHAPE_VERDICT, /* the code of a verdict */
    SHAPE_NUMBER,  /* a number, or nan, inf or -inf as text */
    SHAPE_INTEGER, /* a whole number below 10^15, or the digits of a larger one as text */
    SHAPE_INDEX,   /* a whole number and no text */
    SHAPE_FLAG,
    SHAPE_OBJECT, /* of the shape `of` */
    SHAPE_LIST    /* of objects of the shape `of`, or of `item` when that is NULL */
};

struct shape_key {
    const char *name;
    enum shape_type type, item;
    bool optional, null; /* need not be there; may be null */
    const char *words;   /* with a blank before and behind each: " wall cpu " */
    const struct shape *of;
};

struct shape {
    const char *what; /* "a result": for messages */
    const struct shape_key *key;
    size_t count;
    const struct shape *hidden; /* what it looks like when its member "hidden" is true, or NULL */
};

extern const struct shape SHAPE_RESULT;

/* Fails at the first place that the shape does not allow. */
int shape_check(const struct json_place *at, const struct shape *shape, struct error *err);

#endif
