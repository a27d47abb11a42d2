/* SPDX-License-Identifier: MIT */
/* [score]: points from verdicts and ratios. Pure. */
#ifndef GRADER_SCORE_H
#define GRADER_SCORE_H

#include <stddef.h>

/* 0 at or below `zero`, 1 at or above `full`, and between them the position of ratio on a log scale: with marks 0.5 and
 * 2, a ratio of 1 is half way. NaN earns 0. Needs 0 < zero < full, which the spec guarantees. */
double score_share(double ratio, double zero, double full);

/* Geometric mean of count > 0 positive ratios; 0 if one of them is not positive (or NaN). */
double score_geometric_mean(const double *ratio, size_t count);

struct score_input {
    double points_correct, points_speed;  /* of the spec */
    int partial;                          /* each gate earns its share, or without gates each case */
    size_t cases, cases_passed;           /* of all cases that ran or should have run */
    size_t gates, gates_passed;           /* 0 gates: the challenge has none */
    int timed;                            /* speed was measured */
    double ratio, ratio_zero, ratio_full; /* geometric mean over the timed cases */
};

/* Correctness gates: without all cases there are no speed points, and without `partial` no points at all. No case at
 * all earns nothing; the two ratio marks matter only when `timed`. */
double score_points(const struct score_input *input);

#endif
