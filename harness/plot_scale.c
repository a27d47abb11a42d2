/* SPDX-License-Identifier: MIT */
/* See plot_scale.h. */
#include "harness/plot_scale.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "harness/heap.h"

/* Beyond this a difference of two values could overflow. */
#define VALUE_MAX 1e300

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The range without outliers: the middle four fifths of the values, and three times their spread on either side.
 * Returns false when no value is finite. */
static bool body(const double *value, size_t count, struct plot_scale *scale) {
    double *ordered = heap_zeroed(count, sizeof *ordered);
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(value[i]))
            ordered[n++] = fmin(fmax(value[i], -VALUE_MAX), VALUE_MAX);
    if (n > 0) {
        qsort(ordered, n, sizeof *ordered, by_value);
        const double least = ordered[0], most = ordered[n - 1];
        const double a = ordered[n / 10], b = ordered[n - 1 - n / 10], spread = b - a;
        *scale = (struct plot_scale){least, most};
        if (spread > 0)
            *scale = (struct plot_scale){fmax(least, a - 3 * spread), fmin(most, b + 3 * spread)};
    }
    free(ordered);
    return n > 0;
}

/* How far the candidate may stretch the scale beyond the reference: by one and a half times the reference's range, or
 * its magnitude if that is more, so that a flat reference does not push every other curve off the scale. */
static double reach_of(const struct plot_scale *reference) {
    const double magnitude = fmax(fabs(reference->low), fabs(reference->high));
    return fmax(1.5 * (reference->high - reference->low), magnitude);
}

struct plot_scale plot_scale_make(const struct plot_curves *curves) {
    struct plot_scale scale = {0, 1}, mine;
    const bool reference = body(curves->expected, curves->count, &scale);
    if (body(curves->got, curves->count, &mine)) {
        const double reach = reference ? reach_of(&scale) : 0;
        if (!reference)
            scale = mine;
        const double low = reach > 0 ? scale.low - reach : -INFINITY, high = reach > 0 ? scale.high + reach : INFINITY;
        scale.low = fmin(scale.low, fmax(mine.low, low));
        scale.high = fmax(scale.high, fmin(mine.high, high));
    }
    if (!(scale.low < scale.high)) {
        const double pad = scale.low != 0 ? fmax(0.05 * fabs(scale.low), DBL_MIN) : 1;
        scale = (struct plot_scale){scale.low - pad, scale.low + pad};
    }
    return scale;
}
