// N: the largest float everywhere, to overflow the sums of the comparison => wrong_answer
// harness: hostile-matmul
// Squares of such errors overflow a float and n*n of them come near the end of nothing in a double, where the
// sums are kept.
#include "hostile-matmul.h"

#include <float.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)alpha, (void)a, (void)b;
    for (int32_t i = 0; i < n * n; i++)
        c[i] = i % 2 ? FLT_MAX : -FLT_MAX;
    return 0;
}
