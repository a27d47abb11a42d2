// B6: makes its input writable and spoils it => passed
// harness: hostile-matmul
// mprotect is allowed and refused by the kernel: a file that was opened for reading cannot be mapped for writing.
#include <stdio.h>
#include <sys/mman.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    uintptr_t page = (uintptr_t)a & ~4095UL;
    if (n > 0 && mprotect((void *)page, 4096, PROT_READ | PROT_WRITE) == 0) {
        *(volatile float *)(uintptr_t)a = 0;
        puts("GAINED the input");
    }
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
