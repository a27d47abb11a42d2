/* SPDX-License-Identifier: MIT */
/* Which values a plot shows; only plot*.c include this. */
#ifndef HARNESS_PLOT_SCALE_H
#define HARNESS_PLOT_SCALE_H

#include "harness/plot.h"

struct plot_scale {
    double low, high; /* finite, low < high */
};

struct plot_scale plot_scale_make(const struct plot_curves *curves);

#endif
