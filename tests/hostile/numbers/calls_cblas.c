// C12: calls OpenBLAS without permission => rejected_binary | compile_error
// harness: hostile-matmul
// The challenge allows libm only. The symbol has no definition in the candidate's world.
#include "hostile-matmul.h"

void cblas_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b,
                 int ldb, float beta, float *c, int ldc);

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    cblas_sgemm(101, 111, 111, n, n, n, alpha, a, n, b, n, 0, c, n);
    return 0;
}
