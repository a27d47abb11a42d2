// N: a subnormal number in every element => wrong_answer
// harness: hostile-matmul
// Around zero the rule forgives a flush of subnormal numbers; an answer of ordinary size is not near zero.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)alpha, (void)a, (void)b;
    for (int32_t i = 0; i < n * n; i++)
        c[i] = 1e-40f;
    return 0;
}
