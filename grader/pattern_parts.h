/* SPDX-License-Identifier: MIT */
/* Inside [pattern]: one count over the wrong elements, from which the values and the places are read off. */
#ifndef GRADER_PATTERN_PARTS_H
#define GRADER_PATTERN_PARTS_H

#include "grader/compare_block.h"
#include "grader/pattern.h"

/* "Wrong" here is what the verdict is about: the unwritten elements, else those that are not finite, else those out of
 * tolerance. */
struct pattern_census {
    struct compare_plan plan;
    const struct compare_result *result;
    double weight, limit; /* an element is out of tolerance when ratio*weight exceeds limit */
    size_t rank;
    int64_t shape[SPEC_RANK_MAX];
    int64_t rows, columns;         /* of the last two dimensions; rows is 1 for a vector */
    int64_t *along[SPEC_RANK_MAX]; /* wrong elements by index of each dimension */
    int64_t count, wrong;
    int64_t above, diagonal, below;   /* wrong elements by column - row */
    int64_t zero, nan, finite;        /* kinds of the wrong values */
    int64_t marked;                   /* NaN that are the poison after some arithmetic */
    double least, most;               /* finite wrong values */
    double least_offset, most_offset; /* got - expected of them */
    double gy, gg, yy;                /* sums of got*expected, got^2, expected^2 of them */
    double total_yy;                  /* of all elements */
    uint32_t got_bits, expected_bits; /* float32 outputs: all bits of all finite values, or-ed together */
};

/* Returns false when there is no memory for it. */
bool pattern_census_init(struct pattern_census *census, const struct compare_tensor *tensor,
                         const struct compare_rule *rule, const struct compare_result *result);
void pattern_census_release(struct pattern_census *census);
bool pattern_is_wrong(const struct pattern_census *census, const struct compare_block *block, size_t i);

/* What is wrong with the values, if it is one thing. A true answer without `partial` speaks for the whole output. */
struct pattern_remark {
    char sentence[400], advice[400];
    bool partial;
};

bool pattern_values(const struct pattern_census *census, struct pattern_remark *remark);

/* Of a number by itself, a least value and a curve: how far off, beside what is allowed. `partial` asks for the places
 * as well. */
bool pattern_judged(const struct pattern_census *census, struct pattern_remark *remark);

/* The wrong elements hold right answers of other places: one row further, transposed. */
bool pattern_moved(const struct pattern_census *census, struct pattern_remark *remark);

/* Where the wrong elements lie; "is wrong" and "are wrong" in the words given. Always finds something to say. */
void pattern_place(const struct pattern_census *census, const char *is, const char *are, struct pattern_remark *remark);

/* Appends formatted text to a string of `size` bytes, as much as fits. */
void pattern_append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
