/* SPDX-License-Identifier: MIT */
/* What the two halves of `harness doctor` share. */
#ifndef HARNESS_DOCTOR_H
#define HARNESS_DOCTOR_H

#include <stdbool.h>

#include "harness/screen.h"

enum doctor_health { DOCTOR_GOOD, DOCTOR_LESS, DOCTOR_BAD };

/* One row; takes ownership of `text`. */
void doctor_row(const struct screen *screen, const char *name, enum doctor_health health, char *text);

/* The rows about what timing needs; false when nothing can be timed here. */
bool doctor_timing(const struct screen *screen, const volatile int *cancel);

#endif
