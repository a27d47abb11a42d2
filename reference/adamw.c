/* SPDX-License-Identifier: MIT */
/* One pass over the parameters; the factors of a step are formed in double and rounded once. */
#include "reference/adamw.h"

#if defined(__AVX512F__) && !defined(__clang__)
#pragma GCC target("prefer-vector-width=512")
#endif

double adamw_power(double base, int64_t n) {
    double power = 1;
    for (; n > 0; n >>= 1) {
        if (n & 1)
            power *= base;
        base *= base;
    }
    return power;
}

/* What is the same for every element. */
struct factors {
    real beta1, keep1, beta2, keep2, unbias1, unbias2, eps, rate;
};

static struct factors factors_of(const struct adamw *rule, int64_t t, double rate) {
    return (struct factors){
        .beta1 = (real)rule->beta1,
        .keep1 = (real)(1 - rule->beta1),
        .beta2 = (real)rule->beta2,
        .keep2 = (real)(1 - rule->beta2),
        .unbias1 = (real)(1 / (1 - adamw_power(rule->beta1, t))),
        .unbias2 = (real)(1 / (1 - adamw_power(rule->beta2, t))),
        .eps = (real)rule->eps,
        .rate = (real)rate,
    };
}

static void update_part(const struct factors *f, real decay, size_t n, const real *restrict g, const real *restrict w,
                        real *restrict m, real *restrict v, real *restrict update) {
    for (size_t i = 0; i < n; i++) {
        m[i] = f->beta1 * m[i] + f->keep1 * g[i];
        v[i] = f->beta2 * v[i] + f->keep2 * (g[i] * g[i]);
        real direction = m[i] * f->unbias1 / (real_sqrt(v[i] * f->unbias2) + f->eps);
        update[i] = f->rate * (direction + decay * w[i]);
    }
}

void adamw_update(const struct adamw *rule, int64_t t, double rate, const struct adamw_part *part, size_t parts,
                  const real *gradient, const real *w, real *m, real *v, real *update) {
    const struct factors f = factors_of(rule, t, rate);
    for (size_t p = 0; p < parts; p++) {
        size_t at = part[p].offset;
        real decay = part[p].decays ? (real)rule->weight_decay : 0;
        update_part(&f, decay, part[p].count, gradient + at, w + at, m + at, v + at, update + at);
    }
}

void adamw_apply(size_t n, const real *update, real *w) {
    for (size_t i = 0; i < n; i++)
        w[i] -= update[i];
}

static void fuse(const struct factors *f, real decay, real factor, size_t n, const real *restrict gradient,
                 real *restrict w, real *restrict m, real *restrict v) {
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const real g = factor * gradient[i];
        const real mean = f->beta1 * m[i] + f->keep1 * g, square = f->beta2 * v[i] + f->keep2 * (g * g);
        const real direction = mean * f->unbias1 / (real_sqrt(square * f->unbias2) + f->eps);
        m[i] = mean;
        v[i] = square;
        w[i] -= f->rate * (direction + decay * w[i]);
    }
}

void adamw_fused(const struct adamw *rule, int64_t t, double rate, double factor, size_t n, const real *gradient,
                 real *w, real *m, real *v) {
    const struct factors f = factors_of(rule, t, rate);
    fuse(&f, (real)rule->weight_decay, (real)factor, n, gradient, w, m, v);
}
