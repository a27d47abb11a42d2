/* SPDX-License-Identifier: MIT */
/* Sums in shard order, checksums and norms by bucket. */
#include "reference/reduce.h"

#include <string.h>

void crc_table_make(struct crc_table *table) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xEDB88320) : 0);
        table->byte[0][i] = crc;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int k = 1; k < 8; k++)
            table->byte[k][i] = table->byte[k - 1][i] >> 8 ^ table->byte[0][table->byte[k - 1][i] & 0xff];
}

uint32_t crc_continue(const struct crc_table *table, uint32_t crc, const void *data, size_t bytes) {
    const uint8_t *p = data;
    crc = ~crc;
    for (; bytes >= 8; bytes -= 8, p += 8) {
        crc ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
        crc = table->byte[7][crc & 0xff] ^ table->byte[6][crc >> 8 & 0xff] ^ table->byte[5][crc >> 16 & 0xff] ^
              table->byte[4][crc >> 24] ^ table->byte[3][p[4]] ^ table->byte[2][p[5]] ^ table->byte[1][p[6]] ^
              table->byte[0][p[7]];
    }
    for (; bytes; bytes--)
        crc = crc >> 8 ^ table->byte[0][(crc ^ *p++) & 0xff];
    return ~crc;
}

/* One NaN is like any other: which one an operation gives depends on the order of its operands, which is the compiler's
 * to choose. */
static uint32_t crc_of_reals(const struct crc_table *table, uint32_t crc, const real *x, size_t n) {
    enum { CHUNK = 512 };
    float image[CHUNK];
    for (size_t i = 0; i < n; i += CHUNK) {
        size_t count = n - i < CHUNK ? n - i : CHUNK;
        for (size_t k = 0; k < count; k++)
            image[k] = isnan(x[i + k]) ? (float)NAN : (float)x[i + k];
        crc = crc_continue(table, crc, image, count * sizeof image[0]);
    }
    return crc;
}

void reduce_buckets(const struct crc_table *table, const struct bucket_part *part, size_t parts, size_t groups,
                    const real *x, uint32_t *crc) {
    memset(crc, 0, groups * sizeof *crc);
    for (size_t p = 0; p < parts; p++)
        if (part[p].group < groups)
            crc[part[p].group] = crc_of_reals(table, crc[part[p].group], x + part[p].offset, part[p].count);
}

void reduce_norms(const struct bucket_part *part, size_t parts, size_t groups, const real *x, double *norm) {
    memset(norm, 0, groups * sizeof *norm);
    for (size_t p = 0; p < parts; p++) {
        double sum = 0;
        for (size_t i = part[p].offset; i < part[p].offset + part[p].count; i++)
            sum += (double)x[i] * (double)x[i];
        if (part[p].group < groups)
            norm[part[p].group] += sum;
    }
    for (size_t g = 0; g < groups; g++)
        norm[g] = sqrt(norm[g]);
}

void reduce_add(size_t shard, size_t n, const real *x, real *sum) {
    if (shard == 0) {
        memcpy(sum, x, n * sizeof *sum);
        return;
    }
    for (size_t i = 0; i < n; i++)
        sum[i] += x[i];
}

void reduce_finish(size_t shards, double unscale, size_t n, real *sum) {
    real factor = (real)(unscale / (double)shards);
    for (size_t i = 0; i < n; i++)
        sum[i] *= factor;
}
