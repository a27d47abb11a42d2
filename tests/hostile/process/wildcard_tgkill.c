// S v25: signals by a process number with high bits set => forbidden_call
// harness: hostile-matmul
// test: system
// The filter compares 32 bits of tgkill's first argument and the kernel uses the same 32: here they are the
// victim's.
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    long victim = atoi("@VICTIM@");
    if (syscall(SYS_tgkill, victim | (long)getpid() << 32, victim, 19) == 0)
        puts("GAINED a stopped victim");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
