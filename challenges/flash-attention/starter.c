// harness: flash-attention
//
// Attention in little memory. The contract is in flash-attention.h, the statement in README.md.
//
// This file compiles and runs, but it answers every query with zeros. A way to begin:
//   1. the keys that one query sees: two numbers, the first and the one behind the last;
//   2. a block of, say, 64 of them: logits, their maximum, numerators, and from there the block's share of o;
//   3. the next block may raise the maximum: what was added up before has to be brought to the new one;
//   4. the last block is shorter, and a query may see no key at all;
//   5. when `harness run` accepts that: several queries for each block of keys, and loops that gcc can vectorise.
#include "flash-attention.h"

#include <math.h>
#include <stddef.h>

int flash_attention(const struct flash_params *p, const float *q, const float *k, const float *v, float *o,
                    float *lse) {
    size_t rows = (size_t)p->h * (size_t)p->tq;
    (void)q, (void)k, (void)v;
    for (size_t i = 0; i < rows * (size_t)p->d; i++)
        o[i] = 0.0f;
    for (size_t i = 0; i < rows; i++)
        lse[i] = -INFINITY;
    return 0;
}
