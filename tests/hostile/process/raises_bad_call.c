// N: sends itself the signal of the filter => forbidden_call | crashed
// harness: hostile-matmul
// SIGSYS without a system call: the report blames a call that was not made, the candidate has no gain.
#include <signal.h>

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
    raise(SIGSYS);
    return 0;
}
