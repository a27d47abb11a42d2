// S a10: becomes a shell => forbidden_call
// harness: hostile-matmul
// test: system
// A shell reads files with system calls that no filter of ours would see, were the filter not inherited.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    char *words[] = {"sh", "-c", "echo GAINED a shell; cat @CANARY@/secret", NULL};
    if (execve("/bin/sh", words, NULL) == 0)
        puts("GAINED a shell");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
