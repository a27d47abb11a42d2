// S a26: asks for the processor's ports => forbidden_call
// harness: hostile-matmul
// test: system
// With level 3 a program talks to devices directly and may switch interrupts off.
#include <stdio.h>
#include <sys/io.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (iopl(3) == 0)
        puts("GAINED io privilege");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
