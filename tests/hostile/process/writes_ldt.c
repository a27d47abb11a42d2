// S a26: makes a segment of its own => forbidden_call
// harness: hostile-matmul
// test: system
// A 32-bit code segment would be a way to other system call numbers.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    unsigned entry[4] = {0, 0x1000, 0xfffff, 0x51};
    if (syscall(SYS_modify_ldt, 1, entry, sizeof entry) == 0)
        puts("GAINED a segment");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
