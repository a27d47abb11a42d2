// N: reads the processor time of other processes => passed
// harness: hostile-matmul
// test: system
// A negative clock is another process's. The grader's tells when it waits, the baseline's how fast it is. The
// filter lets only the numbered clocks through.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static const char *const others[] = {"@GRADER@", "@VICTIM@", "1"};
    struct timespec time;
    for (int i = 0; i < 3; i++)
        if (clock_gettime((int)(~(unsigned)atoi(others[i]) << 3 | 2), &time) == 0)
            puts("GAINED the processor time of another process");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
