// A5: sleeps in every call => too_slow
// harness: hostile-matmul
// test: timing
// Sleeping costs wall time and no CPU time; a single thread that waits by itself is timed by the wall.
#include "hostile-matmul.h"

#include <time.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    nanosleep(&(struct timespec){.tv_nsec = 40000000}, NULL);
    return 0;
}
