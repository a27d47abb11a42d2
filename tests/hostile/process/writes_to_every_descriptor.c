// B2: writes a verdict to all descriptors from 0 to 64 => forbidden_call
// harness: hostile-matmul
// test: system
// Whatever a grader reads results from is among these. 1, 2 and the worker's socket take it and mean nothing by
// it.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static const char verdict[] = "{\"verdict\": \"passed\", \"points\": 100}\n";
    long written = 0;
    for (int fd = 64; fd >= 0; fd--)
        if (fd > 2 && fd != 7)
            written += write(fd, verdict, sizeof verdict - 1) > 0;
    if (written > 0)
        puts("GAINED another descriptor");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
