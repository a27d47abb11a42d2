/* SPDX-License-Identifier: MIT */
/* The one product of BLAS that reference/ needs, in an order of additions that no library chooses: element (i, j) adds
 * its terms from the first to the last, and vectors lie along a row of c, where nothing is added up. */
#include <assert.h>
#include <cblas.h>
#include <stddef.h>
#include <stdlib.h>

/* b[n][k] as [k][n]. */
static float *turned(const float *b, size_t ldb, size_t n, size_t k) {
    float *out = malloc((n * k + 1) * sizeof *out);
    assert(out);
    for (size_t j = 0; j < n; j++)
        for (size_t l = 0; l < k; l++)
            out[l * n + j] = b[j * ldb + l];
    return out;
}

typedef float lanes __attribute__((vector_size(16), aligned(4), may_alias));
enum { LANES = 4, BLOCK = 4 * LANES };

/* c[BLOCK] += a b, with b[k][BLOCK] and a's elements `step` apart; the sums stay in registers. */
static void add_block(size_t k, float alpha, const float *a, size_t step, const float *b, size_t ldb, float *c) {
    lanes *out = (lanes *)c;
    lanes s0 = out[0], s1 = out[1], s2 = out[2], s3 = out[3];
    for (size_t l = 0; l < k; l++) {
        const lanes *row = (const lanes *)(b + l * ldb);
        float factor = alpha * a[l * step];
        s0 += factor * row[0];
        s1 += factor * row[1];
        s2 += factor * row[2];
        s3 += factor * row[3];
    }
    out[0] = s0, out[1] = s1, out[2] = s2, out[3] = s3;
}

/* The same for n columns, in the same order for each. */
static void add_products(size_t n, size_t k, float alpha, const float *a, size_t step, const float *b, size_t ldb,
                         float *c) {
    size_t j = 0;
    for (; j + BLOCK <= n; j += BLOCK)
        add_block(k, alpha, a, step, b + j, ldb, c + j);
    for (; j < n; j++)
        for (size_t l = 0; l < k; l++)
            c[j] += alpha * a[l * step] * b[l * ldb + j];
}

void cblas_sgemm(OPENBLAS_CONST enum CBLAS_ORDER order, OPENBLAS_CONST enum CBLAS_TRANSPOSE turn_a,
                 OPENBLAS_CONST enum CBLAS_TRANSPOSE turn_b, OPENBLAS_CONST blasint rows,
                 OPENBLAS_CONST blasint columns, OPENBLAS_CONST blasint depth, OPENBLAS_CONST float alpha,
                 OPENBLAS_CONST float *a, OPENBLAS_CONST blasint lda, OPENBLAS_CONST float *b,
                 OPENBLAS_CONST blasint ldb, OPENBLAS_CONST float beta, float *c, OPENBLAS_CONST blasint ldc) {
    size_t n = (size_t)columns, k = (size_t)depth, pitch = (size_t)ldb;
    float *copy = NULL;
    assert(order == CblasRowMajor);
    (void)order;
    if (turn_b == CblasTrans) {
        copy = turned(b, pitch, n, k);
        pitch = n;
    }
    for (size_t i = 0; i < (size_t)rows; i++) {
        float *row = c + i * (size_t)ldc;
        const float *first = turn_a == CblasTrans ? a + i : a + i * (size_t)lda;
        for (size_t j = 0; j < n; j++)
            row[j] = beta != 0 ? row[j] * beta : 0; /* what is there may be no number */
        add_products(n, k, alpha, first, turn_a == CblasTrans ? (size_t)lda : 1, copy ? copy : b, pitch, row);
    }
    free(copy);
}
