/* SPDX-License-Identifier: MIT */
/* The gauge of attention by stripes: ROWS queries of one head against all the keys that the last of them sees. OpenBLAS
 * makes what is a product of matrices; the answer is given. */
#include "reference/attention.h"

#include <stdlib.h>
#include <string.h>

#include "reference/exp.h"
#include "reference/softmax.h"

enum { ROWS = 64, SPREAD_ROWS = 4 };

/* Scratch of one call, used again for every stripe. */
struct space {
    real *logits; /* [ROWS][t]: s_ij, then the numerators of p_ij; rows are `columns` of the stripe apart */
    real *bound;  /* [ROWS][t]: a_ij, then the numerators of p_ij a_ij */
    real *q_abs;  /* [ROWS][d] */
    real *k_abs;  /* [t][d] */
    real *v_abs;  /* [t][d] */
};

/* Queries first .. first+rows-1 of one head, and the keys 0 .. columns-1 that the last of them sees. */
struct stripe {
    const struct attention *a;
    const real *q, *k, *v; /* of the head */
    size_t keys;           /* min(t, kv_len) of the batch */
    size_t first, rows, columns;
    struct softmax_row row[ROWS];
};

static void space_release(struct space *space) {
    free(space->logits);
    free(space->bound);
    free(space->q_abs);
    free(space->k_abs);
    free(space->v_abs);
}

static int space_init(struct space *space, size_t tokens, size_t width) {
    *space = (struct space){.logits = malloc(ROWS * tokens * sizeof(real))};
    space->bound = malloc(ROWS * tokens * sizeof(real));
    space->q_abs = malloc(ROWS * width * sizeof(real));
    space->k_abs = malloc(tokens * width * sizeof(real));
    space->v_abs = malloc(tokens * width * sizeof(real));
    if (space->logits && space->bound && space->q_abs && space->k_abs && space->v_abs)
        return 0;
    space_release(space);
    return -1;
}

static size_t batch_keys(const struct attention *a, size_t batch) {
    if (!a->kv_len)
        return a->tokens;
    size_t given = a->kv_len[batch] > 0 ? (size_t)a->kv_len[batch] : 0;
    return given < a->tokens ? given : a->tokens;
}

static size_t visible_keys(const struct stripe *s, size_t query) {
    size_t seen = s->a->causal ? query + 1 : s->a->tokens;
    return seen < s->keys ? seen : s->keys;
}

static void copy_abs(const real *x, size_t n, real *out) {
    for (size_t i = 0; i < n; i++)
        out[i] = real_fabs(x[i]);
}

/* out[m][n] = alpha * x[m][k] y[n][k]^T, all dense */
static void gemm_rows(size_t m, size_t n, size_t k, real alpha, const real *x, const real *y, real *out) {
    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, alpha, x, (int)k, y, (int)k, 0, out,
              (int)n);
}

/* out[m][n] = x[m][k] y[k][n], all dense */
static void gemm_columns(size_t m, size_t n, size_t k, const real *x, const real *y, real *out) {
    real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, x, (int)k, y, (int)n, 0, out,
              (int)n);
}

static void divide_rows(const struct stripe *s, real *x) {
    size_t d = s->a->width;
    for (size_t r = 0; r < s->rows; r++) {
        real factor = 1 / s->row[r].sum;
        for (size_t c = 0; c < d; c++)
            x[r * d + c] *= factor;
    }
}

/* bound = a_ij; the logits must still be there. Masked entries get no meaning: their numerators will be 0. */
static void gauge_bounds(const struct stripe *s, const struct space *space) {
    size_t d = s->a->width;
    copy_abs(s->q + s->first * d, s->rows * d, space->q_abs);
    gemm_rows(s->rows, s->columns, d, real_fabs(s->a->scale), space->q_abs, space->k_abs, space->bound);
    for (size_t r = 0; r < s->rows; r++) {
        const real *logit = space->logits + r * s->columns;
        real *bound = space->bound + r * s->columns;
        size_t visible = visible_keys(s, s->first + r);
        real top = row_max(logit, visible);
        for (size_t j = 0; j < visible; j++)
            bound[j] += top - logit[j];
    }
}

/* gauge = sum_j p_j |v_j| + sum_j p_j a_j |v_j - o|. No product of matrices gives the second sum; a few rows together
 * share the loads of v, and the rows of o and gauge stay in the first-level cache. */
static void gauge_sum(const struct stripe *s, const struct space *space, const real *o, real *gauge) {
    size_t d = s->a->width, n = s->columns;
    for (size_t i = 0; i < s->rows * n; i++)
        space->bound[i] *= space->logits[i];
    gemm_columns(s->rows, d, n, space->logits, space->v_abs, gauge);
    for (size_t first = 0; first < s->rows; first += SPREAD_ROWS) {
        size_t end = first + SPREAD_ROWS < s->rows ? first + SPREAD_ROWS : s->rows;
        size_t visible = visible_keys(s, s->first + end - 1);
        for (size_t j = 0; j < visible; j++)
            for (size_t r = first; r < end; r++) {
                const real weight = space->bound[r * n + j], *v = s->v + j * d, *centre = o + r * d;
                real *sum = gauge + r * d;
#pragma omp simd
                for (size_t c = 0; c < d; c++)
                    sum[c] += weight * real_fabs(v[c] - centre[c]);
            }
    }
    divide_rows(s, gauge);
}

/* o and gauge are at the stripe's first row. */
static void stripe_run(struct stripe *s, const struct space *space, const real *o, real *gauge) {
    size_t d = s->a->width;
    if (s->columns == 0) {
        memset(gauge, 0, s->rows * d * sizeof *gauge);
        return;
    }
    gemm_rows(s->rows, s->columns, d, s->a->scale, s->q + s->first * d, s->k, space->logits);
    gauge_bounds(s, space);
    for (size_t r = 0; r < s->rows; r++)
        s->row[r] = softmax_numerators(space->logits + r * s->columns, s->columns, visible_keys(s, s->first + r));
    gauge_sum(s, space, o, gauge);
}

static void head_run(const struct attention *a, size_t batch, size_t head, const struct space *space, const real *o,
                     real *gauge) {
    size_t t = a->tokens, d = a->width, offset = (batch * a->heads + head) * t * d;
    struct stripe s = {.a = a, .q = a->q + offset, .k = a->k + offset, .v = a->v + offset};
    s.keys = batch_keys(a, batch);
    copy_abs(s.k, s.keys * d, space->k_abs);
    copy_abs(s.v, s.keys * d, space->v_abs);
    for (s.first = 0; s.first < t; s.first += s.rows) {
        s.rows = t - s.first < ROWS ? t - s.first : ROWS;
        s.columns = visible_keys(&s, s.first + s.rows - 1);
        stripe_run(&s, space, o + offset + s.first * d, gauge + offset + s.first * d);
    }
}

int attention_gauge(const struct attention *a, const real *o, real *gauge) {
    if (a->batches == 0 || a->heads == 0 || a->tokens == 0 || a->width == 0)
        return 0;
    struct space space;
    if (space_init(&space, a->tokens, a->width))
        return -1;
    for (size_t batch = 0; batch < a->batches; batch++)
        for (size_t head = 0; head < a->heads; head++)
            head_run(a, batch, head, &space, o, gauge);
    space_release(&space);
    return 0;
}
