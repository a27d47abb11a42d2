/* SPDX-License-Identifier: MIT */
/* The functions that gates are made of, with their slopes: for s = 1/(1 + exp(-p)),
 *
 *   silu     p*s          s*(1 + p*(1-s))       (Elfwing, Uchibe, Doya 2018)
 *   tanh     tanh(p)      1 - tanh(p)^2
 *   sigmoid  s            s*(1-s)
 *   softplus log(1+e^p)   s
 *
 * All stand on e = exp(-|p|), which never leaves (0, 1]: s and 1-s are 1/(1+e) and e/(1+e), whichever way round, so
 * neither overflows nor cancels. The plain variants follow the formulas with libm's functions. */
#ifndef REFERENCE_GATE_H
#define REFERENCE_GATE_H

#include "reference/real.h"

enum gate { GATE_SILU, GATE_TANH, GATE_SIGMOID, GATE_SOFTPLUS, GATE_COUNT };

#define gate_both       REAL_FN(gate_both)
#define gate_both_plain REAL_FN(gate_both_plain)
#define gate_curvature  REAL_FN(gate_curvature)
#define gate_gauge      REAL_FN(gate_gauge)

/* value[n] and slope[n] at p[n]; value may be p. slope may be NULL. */
void gate_both(enum gate gate, size_t n, const real *p, real *value, real *slope);
void gate_both_plain(enum gate gate, size_t n, const real *p, real *value, real *slope);

/* The second derivative at p. */
real gate_curvature(enum gate gate, real p);

/* What value and slope lose by their own formulas, in units of the rounding error, p taken as exact: themselves, but
 * 1-s and 1-tanh^2 are differences, and numbers below the smallest normal one may be flushed. */
void gate_gauge(enum gate gate, real p, real *value, real *slope);

#endif
