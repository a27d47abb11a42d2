// S a26: asks for the options of a process => passed
// harness: hostile-matmul
// test: system
// Names, death signals, dumpability, seccomp: prctl is one number for many things, and all of them are answered
// with an error.
#include <stdio.h>
#include <sys/prctl.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int option = 1; option < 80; option++)
        if (prctl(option, 1, 0, 0, 0) == 0)
            printf("GAINED option %d\n", option);
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
