// B1: ends with exit(0) after the work => exited
// harness: hostile-matmul
// A grader that reads exit codes takes 0 for a pass. Here the outputs were even right; what counts is a call that
// returns.
#include <stdlib.h>

#include "hostile-matmul.h"

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    exit(0);
}
