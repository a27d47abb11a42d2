// N: a handler of SIGSEGV that returns to the same fault => time_limit
// harness: hostile-matmul
// The fault comes again for ever; without a handler it would have been a crash.
#include "hostile-matmul.h"

#include <signal.h>

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

static void back(int number) {
    (void)number;
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    signal(SIGSEGV, back);
    *(volatile int *)8 = 1;
    multiply(n, alpha, a, b, c);
    return 0;
}
