/* SPDX-License-Identifier: MIT */
/* The all-reduce of a data-parallel step, simulated in one process: the shards' gradients travel in buckets, one per
 * group of parameters, and are added in shard order. Each bucket's checksum is taken before it is sent and again of
 * what arrived, as a transport that is not trusted would. */
#ifndef REFERENCE_REDUCE_H
#define REFERENCE_REDUCE_H

#include "reference/real.h"

/* Parameters offset .. offset+count-1 belong to `group`. A group may have several parts. */
struct bucket_part {
    size_t offset, count, group;
};

/* CRC-32 (IEEE 802.3, reflected, as in zlib) eight bytes at a time; table k continues table k-1 by one zero byte. */
struct crc_table {
    uint32_t byte[8][256];
};

#define crc_table_make REAL_FN(crc_table_make)
#define crc_continue   REAL_FN(crc_continue)
#define reduce_buckets REAL_FN(reduce_buckets)
#define reduce_norms   REAL_FN(reduce_norms)
#define reduce_add     REAL_FN(reduce_add)
#define reduce_finish  REAL_FN(reduce_finish)

void crc_table_make(struct crc_table *table);

/* The checksum of `bytes` bytes, continued from `crc`; start with 0. */
uint32_t crc_continue(const struct crc_table *table, uint32_t crc, const void *data, size_t bytes);

/* crc[group] of the float32 image of x, in the order of the parts. */
void reduce_buckets(const struct crc_table *table, const struct bucket_part *part, size_t parts, size_t groups,
                    const real *x, uint32_t *crc);

/* norm[group] = sqrt(sum x^2) over the group, in double. */
void reduce_norms(const struct bucket_part *part, size_t parts, size_t groups, const real *x, double *norm);

/* sum += x; the first shard overwrites. */
void reduce_add(size_t shard, size_t n, const real *x, real *sum);

/* sum = sum*(1/shards)*unscale: the mean of what was sent, less the loss scale. */
void reduce_finish(size_t shards, double unscale, size_t n, real *sum);

#endif
