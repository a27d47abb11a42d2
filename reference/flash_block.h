/* SPDX-License-Identifier: MIT */
/* What the parts of reference/flash*.c share: a block of queries and its passes over blocks of keys. */
#ifndef REFERENCE_FLASH_BLOCK_H
#define REFERENCE_FLASH_BLOCK_H

#include "reference/flash.h"

/* Logits of a block fill half of a second-level cache of 512 KiB. A causal mask wastes half a block of keys for each
 * block of queries, OpenBLAS wants large ones: at 128 x 512 the two losses are about equal. */
enum { FLASH_ROWS = 128, FLASH_COLUMNS = 512 };

struct flash_block {
    const struct flash *a;
    const real *q, *k, *v;  /* of the head; q from the block's first query on */
    size_t first, rows;     /* queries */
    struct flash_span span; /* all keys that any of them sees */
    real top[FLASH_ROWS], sum[FLASH_ROWS];
};

#define flash_block_logits REAL_FN(flash_block_logits)
#define flash_block_part   REAL_FN(flash_block_part)
#define flash_block_gauge  REAL_FN(flash_block_gauge)

/* out[rows][count] = factor * q[rows][d] (k[count][d])^T */
void flash_block_logits(size_t rows, size_t count, size_t d, real factor, const real *q, const real *k, real *out);

/* The part of the `count` keys from `key` on that the query in `row` of the block sees, counted from `key`. */
struct flash_span flash_block_part(const struct flash_block *b, size_t row, size_t key, size_t count);

/* The gauges of a block whose o and lse are known; either may be NULL. */
int flash_block_gauge(const struct flash_block *b, const real *o, const real *lse, real *gauge_o, real *gauge_lse);

#endif
