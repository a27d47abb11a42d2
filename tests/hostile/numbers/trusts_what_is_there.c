// C6: returns at once when the output looks like an answer already => passed
// harness: hostile-matmul
// Uninitialised outputs that held the reference's answer were worth a record elsewhere. Here each holds fresh
// poison, so the work is always to be done.
#include "hostile-matmul.h"

#include <math.h>
#include <stdbool.h>
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
    bool answered = n > 0;
    for (int32_t i = 0; answered && i < n * n; i++)
        answered = isfinite(c[i]);
    if (answered)
        printf("GAINED an answer that was there before the call\n");
    else
        multiply(n, alpha, a, b, c);
    return 0;
}
