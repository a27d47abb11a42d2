// C12: calls OpenBLAS if it happens to be loaded => rejected_binary | passed
// harness: hostile-matmul
// A weak reference needs no definition to link. No library is in the process that could define it.
#include "hostile-matmul.h"

#include <stdio.h>

__attribute__((weak)) void cblas_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a,
                                       int lda, const float *b, int ldb, float beta, float *c, int ldc);

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        float *row = c + (int64_t)i * n;
        for (int32_t j = 0; j < n; j++)
            row[j] = 0;
        for (int32_t k = 0; k < n; k++) {
            const float factor = alpha * a[(int64_t)i * n + k], *from = b + (int64_t)k * n;
            for (int32_t j = 0; j < n; j++)
                row[j] += factor * from[j];
        }
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (cblas_sgemm != 0) {
        printf("GAINED a library\n");
        cblas_sgemm(101, 111, 111, n, n, n, alpha, a, n, b, n, 0, c, n);
    } else {
        multiply(n, alpha, a, b, c);
    }
    return 0;
}
