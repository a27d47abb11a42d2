/* SPDX-License-Identifier: MIT */
/* The Gaussian error linear unit in its tanh form (Hendrycks, Gimpel 2016), element by element:
 *
 *   u = sqrt(2/pi)*(x + 0.044715 x^3)      gelu(x) = x*(1 + tanh(u))/2
 *
 * Because (1 + tanh(u))/2 = 1/(1 + exp(-2u)), one exp_fast() and one division do, without tanh's cancellation for
 * negative x. The plain variants follow the formula as it stands. */
#ifndef REFERENCE_GELU_H
#define REFERENCE_GELU_H

#include "reference/real.h"

#define gelu_forward        REAL_FN(gelu_forward)
#define gelu_forward_plain  REAL_FN(gelu_forward_plain)
#define gelu_backward       REAL_FN(gelu_backward)
#define gelu_backward_plain REAL_FN(gelu_backward_plain)

/* y[n] = gelu(x[n]). y may be x. */
void gelu_forward(size_t n, const real *x, real *y);
void gelu_forward_plain(size_t n, const real *x, real *y);

/* dx[n] = gelu'(x[n])*dy[n]. dx may be dy or x. The plain one needs an x whose square is finite. */
void gelu_backward(size_t n, const real *x, const real *dy, real *dx);
void gelu_backward_plain(size_t n, const real *x, const real *dy, real *dx);

#endif
