// N: saves the poison and puts it back over half of the right answer => unwritten_output
// harness: hostile-matmul
// The pattern is no secret. Whoever keeps it has not written the element, however often it was stored to.
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
    const size_t count = (size_t)n * (size_t)n;
    float *poison = malloc((count + 1) * sizeof *poison);
    memcpy(poison, c, count * sizeof *c);
    multiply(n, alpha, a, b, c);
    memcpy(c + count / 2, poison + count / 2, (count - count / 2) * sizeof *c);
    free(poison);
    return 0;
}
