/* SPDX-License-Identifier: MIT */
/* silu and sigmoid over exp_fast(), which gcc turns into vector code; tanh and softplus by libm, element by element. */
#include "reference/gate.h"

#include "reference/exp.h"

#if defined(__AVX512F__) && !defined(__clang__)
#pragma GCC target("prefer-vector-width=512")
#endif

/* s and 1-s, both with all their digits. */
struct odds {
    real with, against;
};

static inline struct odds odds_of(real p) {
    const real e = exp_fast(-real_fabs(p)), large = 1 / (1 + e), small = e * large;
    return p < 0 ? (struct odds){small, large} : (struct odds){large, small};
}

static void silu(size_t n, const real *p, real *value, real *slope) {
    if (slope == NULL) {
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            value[i] = p[i] * odds_of(p[i]).with;
        return;
    }
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const real at = p[i];
        const struct odds s = odds_of(at);
        value[i] = at * s.with;
        slope[i] = s.with * (1 + at * s.against);
    }
}

/* 1 - tanh(p)^2 = 4 s (1-s) with the s of 2p. */
static void hyperbolic(size_t n, const real *p, real *value, real *slope) {
    for (size_t i = 0; i < n; i++) {
        const real at = p[i];
        const struct odds s = odds_of(2 * at);
        value[i] = (real)(REAL_IS_DOUBLE ? tanh((double)at) : (double)tanhf((float)at));
        if (slope != NULL)
            slope[i] = 4 * s.with * s.against;
    }
}

static void sigmoid(size_t n, const real *p, real *value, real *slope) {
    for (size_t i = 0; i < n; i++) {
        const struct odds s = odds_of(p[i]);
        value[i] = s.with;
        if (slope != NULL)
            slope[i] = s.with * s.against;
    }
}

static real log1p_of(real x) {
    return (real)(REAL_IS_DOUBLE ? log1p((double)x) : (double)log1pf((float)x));
}

static void softplus(size_t n, const real *p, real *value, real *slope) {
    for (size_t i = 0; i < n; i++) {
        const real at = p[i];
        value[i] = real_fmax(at, 0) + log1p_of(real_exp(-real_fabs(at)));
        if (slope != NULL)
            slope[i] = odds_of(at).with;
    }
}

typedef void gate_rows(size_t n, const real *p, real *value, real *slope);

void gate_both(enum gate gate, size_t n, const real *p, real *value, real *slope) {
    static gate_rows *const rows[GATE_COUNT] = {
        [GATE_SILU] = silu, [GATE_TANH] = hyperbolic, [GATE_SIGMOID] = sigmoid, [GATE_SOFTPLUS] = softplus};
    rows[gate](n, p, value, slope);
}

static void plain_one(enum gate gate, real p, real *value, real *slope) {
    const real s = 1 / (1 + real_exp(-p));
    const real t = (real)(REAL_IS_DOUBLE ? tanh((double)p) : (double)tanhf((float)p));
    switch (gate) {
    case GATE_TANH:
        *value = t;
        *slope = 1 - t * t;
        break;
    case GATE_SIGMOID:
        *value = s;
        *slope = s * (1 - s);
        break;
    case GATE_SOFTPLUS:
        *value = p > 0 ? p + log1p_of(real_exp(-p)) : log1p_of(real_exp(p));
        *slope = s;
        break;
    default:
        *value = p * s;
        *slope = s + p * s * (1 - s);
    }
}

void gate_both_plain(enum gate gate, size_t n, const real *p, real *value, real *slope) {
    for (size_t i = 0; i < n; i++) {
        real unused;
        plain_one(gate, p[i], &value[i], slope == NULL ? &unused : &slope[i]);
    }
}

real gate_curvature(enum gate gate, real p) {
    const struct odds s = odds_of(p);
    const real bend = s.with * s.against;
    real value, slope;
    switch (gate) {
    case GATE_TANH:
        gate_both(gate, 1, &p, &value, &slope);
        return -2 * value * slope;
    case GATE_SIGMOID:
        return bend * (s.against - s.with);
    case GATE_SOFTPLUS:
        return bend;
    default:
        return bend * (2 + p * (s.against - s.with));
    }
}

void gate_gauge(enum gate gate, real p, real *value, real *slope) {
    const real flushed = (real)0x1p-102, s = odds_of(p).with + flushed; /* 2^-126 in units of 2^-24 */
    real exact, unused;
    gate_both(gate, 1, &p, &exact, &unused);
    *value = real_fabs(exact) + flushed * (1 + real_fabs(p));
    *slope = gate == GATE_TANH ? 1 : gate == GATE_SILU ? s * (1 + real_fabs(p)) : s;
}
