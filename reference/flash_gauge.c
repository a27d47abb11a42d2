/* SPDX-License-Identifier: MIT */
/* The gauges of reference/flash.h in a second pass over the keys, when the largest logit, the output and the log of the
 * sum of every query are known. */
#include <stdlib.h>
#include <string.h>

#include "reference/exp.h"
#include "reference/flash_block.h"

enum { SPREAD_ROWS = 4 };

struct space {
    real *weight; /* [FLASH_ROWS][FLASH_COLUMNS]: s_ij, then p_ij */
    real *bound;  /* [FLASH_ROWS][FLASH_COLUMNS]: a_ij, then p_ij a_ij */
    real *q_abs;  /* [FLASH_ROWS][d] */
    real *k_abs;  /* [FLASH_COLUMNS][d]; then |v| */
};

static void copy_abs(const real *x, size_t n, real *out) {
    for (size_t i = 0; i < n; i++)
        out[i] = real_fabs(x[i]);
}

/* Where the query does not see the key both are 0. */
static void weigh_row(const struct flash_block *b, size_t row, size_t key, size_t count, real lse, real *weight,
                      real *bound) {
    const struct flash_span seen = flash_block_part(b, row, key, count);
    for (size_t j = 0; j < count; j++) {
        const int hidden = j < seen.first || j >= seen.end;
        const real s = weight[j];
        weight[j] = hidden ? 0 : exp_fast(s - lse);
        bound[j] = hidden ? 0 : weight[j] * (bound[j] + real_fabs(s - b->top[row]));
    }
}

/* sum_j p_j a_j |v_j - o| is no product of matrices; a few rows together share the loads of v. */
static void add_spread(const struct flash_block *b, const real *bound, const real *v, size_t count, const real *o,
                       real *gauge) {
    const size_t d = b->a->width;
    for (size_t first = 0; first < b->rows; first += SPREAD_ROWS) {
        const size_t end = first + SPREAD_ROWS < b->rows ? first + SPREAD_ROWS : b->rows;
        for (size_t j = 0; j < count; j++)
            for (size_t r = first; r < end; r++) {
                const real factor = bound[r * count + j], *value = v + j * d, *centre = o + r * d;
                real *sum = gauge + r * d;
                if (factor == 0)
                    continue;
#pragma omp simd
                for (size_t c = 0; c < d; c++)
                    sum[c] += factor * real_fabs(value[c] - centre[c]);
            }
    }
}

static void gauge_keys(const struct flash_block *b, const struct space *space, size_t key, size_t count, const real *o,
                       const real *lse, real *gauge_o, real *gauge_lse) {
    const size_t d = b->a->width;
    const real *k = b->k + key * d, *v = b->v + key * d;
    copy_abs(k, count * d, space->k_abs);
    flash_block_logits(b->rows, count, d, b->a->scale, b->q, k, space->weight);
    flash_block_logits(b->rows, count, d, real_fabs(b->a->scale), space->q_abs, space->k_abs, space->bound);
    for (size_t r = 0; r < b->rows; r++) {
        real *bound = space->bound + r * count;
        weigh_row(b, r, key, count, lse[r], space->weight + r * count, bound);
        for (size_t j = 0; gauge_lse != NULL && j < count; j++)
            gauge_lse[r] += bound[j];
    }
    if (gauge_o == NULL)
        return;
    copy_abs(v, count * d, space->k_abs);
    real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)b->rows, (int)d, (int)count, 1, space->weight, (int)count,
              space->k_abs, (int)d, 1, gauge_o, (int)d);
    add_spread(b, space->bound, v, count, o, gauge_o);
}

int flash_block_gauge(const struct flash_block *b, const real *o, const real *lse, real *gauge_o, real *gauge_lse) {
    const size_t d = b->a->width, cells = FLASH_ROWS * FLASH_COLUMNS;
    real *all = malloc((2 * cells + (FLASH_ROWS + FLASH_COLUMNS) * d) * sizeof *all);
    if (all == NULL)
        return -1;
    const struct space space = {all, all + cells, all + 2 * cells, all + 2 * cells + FLASH_ROWS * d};
    copy_abs(b->q, b->rows * d, space.q_abs);
    if (gauge_o != NULL)
        memset(gauge_o, 0, b->rows * d * sizeof *gauge_o);
    for (size_t r = 0; gauge_lse != NULL && r < b->rows; r++)
        gauge_lse[r] = isinf(lse[r]) ? 0 : real_fabs(lse[r]) + 1;
    for (size_t key = b->span.first; key < b->span.end; key += FLASH_COLUMNS) {
        const size_t left = b->span.end - key;
        gauge_keys(b, &space, key, left < FLASH_COLUMNS ? left : FLASH_COLUMNS, o, lse, gauge_o, gauge_lse);
    }
    free(all);
    return 0;
}
