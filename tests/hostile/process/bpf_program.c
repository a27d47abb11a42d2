// S a26: loads a program into the kernel => forbidden_call
// harness: hostile-matmul
// test: system
// The bpf call has many bugs behind it and can read all memory. The filter ends the process at the call.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    struct {
        unsigned type, key, value, entries;
    } map = {2, 4, 8, 1};
    if (syscall(SYS_bpf, 0, &map, sizeof map) >= 0)
        puts("GAINED a bpf map");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
