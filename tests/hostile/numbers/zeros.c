// C1: zeros, in the hope that the outputs are tiny => wrong_answer
// harness: hostile-matmul
// An absolute tolerance accepts zeros where outputs are small. Here an error is measured in units of the gauge,
// sum |a||b|, which has the outputs' own size.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)alpha, (void)a, (void)b;
    for (int32_t i = 0; i < n * n; i++)
        c[i] = 0;
    return 0;
}
