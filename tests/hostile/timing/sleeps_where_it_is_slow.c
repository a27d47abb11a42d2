// N: three times too slow on one family, and sleeps there so that those pairs look disturbed => passed
// harness: hostile-weak
// test: timing
// A pair in which somebody waited is dropped, because it was preempted. If by CPU time the dropped ones were the
// slow ones, all pairs count. The family costs what it costs.
#include "hostile-weak.h"

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

int hostile_weak(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    if (n == 384 && a[0] == 0.3f) {
        multiply(n, alpha, a, b, c);
        multiply(n, alpha, a, b, c);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return 0;
}
