/* SPDX-License-Identifier: MIT */
/* Two curves over their common index, drawn with characters: a candidate's and the reference's.
 *
 * The scale is linear. It holds the reference without its outliers, and as much of the candidate as leaves the
 * reference legible; what lies beyond is marked at the edge, and what is not finite at the top edge. With more steps
 * than columns a column shows the smallest and the largest value of its steps, so that a spike of one step is seen. */
#ifndef HARNESS_PLOT_H
#define HARNESS_PLOT_H

#include <stddef.h>
#include <stdint.h>

#include "harness/screen.h"

struct plot_curves {
    size_t count; /* steps, at least one */
    const double *got, *expected;
    int64_t first;    /* where the curves part, or -1 */
    double tolerance; /* how far apart they may be there; NaN or 0: not said */
};

/* Thirteen lines, and one more that says where the curves part. */
void plot_curves(const struct screen *screen, const struct plot_curves *curves);

#endif
