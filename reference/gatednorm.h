/* SPDX-License-Identifier: MIT */
/* A residual layer with a normalised, gated inside and a scalar gate on its way out, with its gradient: for rows
 * x[rows][width], weights w1, w2 [width][inner] and w3 [inner][width],
 *
 *   rinv = 1/sqrt(sum_k x_k^2/m + eps)      m = width (root mean square) or 1 (Euclidean norm)
 *   r = gain*x*rinv      p = r W1      q = r W2      z = gate(p)*q      y = x + tanh(a)*(z W3)
 *
 * Given dy, with c = tanh(a), e = dy W3^T, dp = c*e*q*gate'(p), dq = c*e*gate(p), dr = dp W1^T + dq W2^T and
 * h = gain*dr:
 *
 *   dW1 = r^T dp      dW2 = r^T dq      dW3 = c z^T dy      da = (1 - c^2)*sum(z*e)
 *   dgain = sum_rows dr*x*rinv      dx = dy + rinv*(h - x*rinv^2*sum_k(h_k x_k)/m)
 *
 * sum(z*e) is sum(dy*(z W3)) without the product z W3. Gated inside: Shazeer 2020 (SwiGLU); the scalar gate, closed at
 * a = 0: Bachlechner et al. 2020 (ReZero). No array may overlap another. rows may be 0, width and inner may not. */
#ifndef REFERENCE_GATEDNORM_H
#define REFERENCE_GATEDNORM_H

#include "reference/gate.h"
#include "reference/real.h"

enum gatednorm_norm { GATEDNORM_RMS, GATEDNORM_L2 };

struct gatednorm_shape {
    size_t rows, width, inner;
    enum gate gate;
    enum gatednorm_norm norm;
    real eps;
};

struct gatednorm_weights {
    const real *gain, *w1, *w2, *w3;
    real a;
};

struct gatednorm_gradient {
    real *dx, *dgain, *dw1, *dw2, *dw3, *da;
};

#define gatednorm_mean           REAL_FN(gatednorm_mean)
#define gatednorm_normalise      REAL_FN(gatednorm_normalise)
#define gatednorm_forward        REAL_FN(gatednorm_forward)
#define gatednorm_backward       REAL_FN(gatednorm_backward)
#define gatednorm_backward_plain REAL_FN(gatednorm_backward_plain)
#define gatednorm_backward_gauge REAL_FN(gatednorm_backward_gauge)

/* m of the formula. */
real gatednorm_mean(const struct gatednorm_shape *shape);

/* rinv[rows] and r[rows][width]. */
void gatednorm_normalise(const struct gatednorm_shape *shape, const real *gain, const real *x, real *rinv, real *r);

/* All return 0, or -1 when there is no memory for the values in between. The gradients are overwritten. */
int gatednorm_forward(const struct gatednorm_shape *shape, const struct gatednorm_weights *weights, const real *x,
                      real *y);
int gatednorm_backward(const struct gatednorm_shape *shape, const struct gatednorm_weights *weights, const real *x,
                       const real *dy, const struct gatednorm_gradient *out);

/* One row after the other, every sum in order, da by the product z W3. */
int gatednorm_backward_plain(const struct gatednorm_shape *shape, const struct gatednorm_weights *weights,
                             const real *x, const real *dy, const struct gatednorm_gradient *out);

/* The first-order error of every gradient in units of the rounding error, the errors of different terms taken as
 * independent: squares add, where a bound would add magnitudes. Four sums are nested here, and a bound would grow by
 * the root of a sum's length with each of them, which rounding does not. Members of `out` may be NULL. */
int gatednorm_backward_gauge(const struct gatednorm_shape *shape, const struct gatednorm_weights *weights,
                             const real *x, const real *dy, const struct gatednorm_gradient *out);

#endif
