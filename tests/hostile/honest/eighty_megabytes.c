// H: 80 of the 96 MiB, touched in the first call and kept => passed
// harness: hostile-matmul
// Under the limit nothing happens.
#include "hostile-matmul.h"

#include <stdlib.h>
#include <string.h>

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
    static char *much;
    if (much == NULL) {
        much = malloc(80 << 20);
        if (much == NULL)
            return 1;
        memset(much, 1, 80 << 20);
    }
    multiply(n, alpha, a, b, c);
    return 0;
}
