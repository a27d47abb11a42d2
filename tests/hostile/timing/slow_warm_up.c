// A5: slow in its first calls, to get fewer calls a GO and fewer samples => passed
// harness: hostile-matmul
// test: timing
// The number of calls is chosen again when the sampled GOs turn out to be short.
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
    if (++calls < 3)
        nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
    return 0;
}
