// S a10: opens a file by the newest call => forbidden_call
// harness: hostile-matmul
// test: system
// openat2 has its flags in memory, where no filter can look.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    unsigned long how[3] = {0};
    if (syscall(SYS_openat2, -100, "@CANARY@/secret", how, sizeof how) >= 0)
        puts("GAINED an open file");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
