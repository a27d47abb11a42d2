// H: reads all clocks, and the processor time => passed
// harness: hostile-matmul
// test: timing
// Looking is allowed: the time that counts is not its own.
#include "hostile-matmul.h"

#include <stdio.h>
#include <sys/time.h>
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
    struct timespec begin, end, cpu;
    struct timeval day;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    gettimeofday(&day, 0);
    multiply(n, alpha, a, b, c);
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (end.tv_sec - begin.tv_sec > 3600 || clock() == (clock_t)-1 || time(0) < day.tv_sec)
        printf("a long call\n");
    return 0;
}
