// H: recursion over blocks => passed
// harness: hostile-matmul
// test: timing
// Some thousand nested and sequential calls.
#include "hostile-matmul.h"

#include <string.h>

static void block(int32_t rows, int32_t inner, int32_t columns, int32_t n, float alpha, const float *a, const float *b,
                  float *c) {
    if (rows > 24) {
        block(rows / 2, inner, columns, n, alpha, a, b, c);
        block(rows - rows / 2, inner, columns, n, alpha, a + rows / 2 * n, b, c + rows / 2 * n);
    } else if (inner > 24) {
        block(rows, inner / 2, columns, n, alpha, a, b, c);
        block(rows, inner - inner / 2, columns, n, alpha, a + inner / 2, b + inner / 2 * n, c);
    } else {
        for (int32_t i = 0; i < rows; i++)
            for (int32_t k = 0; k < inner; k++)
                for (int32_t j = 0; j < columns; j++)
                    c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    memset(c, 0, (size_t)n * (size_t)n * sizeof *c);
    block(n, n, n, n, alpha, a, b, c);
    return 0;
}
