// N: quick until the calls are counted, then slow in every one of them => too_slow | time_limit | unstable
// harness: hostile-matmul
// test: timing
// From the first calls follows how many make one measured run. A call may last for 700 ms, so if each call of each run
// did, the grading would go on for minutes.
#include "hostile-matmul.h"

#include <time.h>

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
    static int calls;
    if (n == 192 && ++calls > 2)
        nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    multiply(n, alpha, a, b, c);
    return 0;
}
