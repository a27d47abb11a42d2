// N: sleeps until the grader has worked for a while => passed
// harness: hostile-matmul
// test: system
// clock_nanosleep takes the same clocks: an alarm that rings when the grader computes.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    struct timespec moment = {0, 1};
    if (clock_nanosleep((int)(~(unsigned)atoi("@GRADER@") << 3 | 2), 0, &moment, NULL) == 0)
        puts("GAINED a moment of the grader");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
