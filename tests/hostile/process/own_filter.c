// S a26: installs a filter of its own => forbidden_call
// harness: hostile-matmul
// test: system
// A second filter could answer calls with invented results, or hand them to a listener.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    unsigned action = 0x7fff0000;
    if (syscall(SYS_seccomp, 2, 0, &action) >= 0)
        puts("GAINED seccomp");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
