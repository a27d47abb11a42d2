/* SPDX-License-Identifier: MIT */
/* The contract of center-rows: what a solution includes and the harness calls. A contract needs the standard headers
 * alone, and says of every argument its shape, its range, whether it may be NULL, and what may overlap. */
#ifndef CENTER_ROWS_H
#define CENTER_ROWS_H

#include <stdint.h>

/* y[i][j] = x[i][j] - (x[i][0] + ... + x[i][n-1]) / n for row-major x[rows][n] and y[rows][n]; rows and n are
 * 0 to 65536. x is only read; x and y do not overlap; neither is NULL. Returns 0. */
int center_rows(int32_t rows, int32_t n, const float *x, float *y);

#endif
