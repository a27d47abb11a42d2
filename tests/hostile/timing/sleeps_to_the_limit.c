// N: quick in the warm-up, then sleeps 650 of the 700 allowed milliseconds in each call => time_limit | too_slow
// harness: hostile-matmul
// test: timing
// A GO of many calls has the time limit of one call: otherwise hundreds of calls could hold the grader for hours.
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
    static int calls;
    multiply(n, alpha, a, b, c);
    if (n == 192 && ++calls > 3)
        nanosleep(&(struct timespec){.tv_nsec = 650000000}, NULL);
    return 0;
}
