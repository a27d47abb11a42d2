// S a26: keeps data in a keyring => forbidden_call
// harness: hostile-matmul
// test: system
// Keys outlive the process, so one run could leave answers for the next one.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (syscall(SYS_add_key, "user", "answers", "1234", 4, -4) >= 0)
        puts("GAINED a key");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
