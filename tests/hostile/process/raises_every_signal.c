// B1: sends itself one harmless or deadly signal after the other => crashed | time_limit
// harness: hostile-matmul
// None of them is handled, so the first one with a deadly default ends the process.
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
    for (int number = 1; number < 65; number++)
        if (number != SIGSTOP && number != SIGSYS)
            raise(number);
    return 0;
}
