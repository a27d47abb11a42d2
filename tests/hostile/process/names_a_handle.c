// S a26: asks for a file handle => forbidden_call
// harness: hostile-matmul
// test: system
// A handle opens the file later, past every path check.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    int handle[40] = {128}, mount;
    if (syscall(SYS_name_to_handle_at, -100, "@CANARY@/secret", handle, &mount, 0) == 0)
        puts("GAINED a file handle");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
