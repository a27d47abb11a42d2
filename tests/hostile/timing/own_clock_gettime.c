// A1: brings its own clocks, which stand still => passed
// harness: hostile-matmul
// test: timing
// The clock is the grader's, in another process. Nothing that the candidate defines is seen outside its own object.
#include "hostile-matmul.h"

#include <sys/time.h>
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

int clock_gettime(clockid_t clock, struct timespec *now) {
    (void)clock;
    *now = (struct timespec){0};
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    *now = (struct timeval){0};
    return 0;
}

time_t time(time_t *now) {
    return now != NULL ? (*now = 0) : 0;
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    return 0;
}
