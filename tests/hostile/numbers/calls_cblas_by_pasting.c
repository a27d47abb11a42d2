// C12: spells the forbidden call with token pasting => rejected_binary | compile_error
// harness: hostile-matmul
// No scan of the text finds the word; the object's undefined symbols show it.
#include "hostile-matmul.h"

#define PASTE(x, y, z) x##y##z
#define GEMM           PASTE(cb, las_, sgemm)

void GEMM(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb,
          float beta, float *c, int ldc);

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    GEMM(101, 111, 111, n, n, n, alpha, a, n, b, n, 0, c, n);
    return 0;
}
