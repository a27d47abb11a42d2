// H: a few words to stderr, as for debugging => passed
// harness: hostile-matmul
// The stream has no buffer, so each piece is a write of its own.
#include "hostile-matmul.h"

#include <stdio.h>

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
    fprintf(stderr, "multiplying %d by %d, alpha=%g\n", n, n, alpha);
    perror("no error");
    multiply(n, alpha, a, b, c);
    return 0;
}
