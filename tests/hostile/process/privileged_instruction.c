// N: executes an instruction of the kernel's => crashed
// harness: hostile-matmul
// A general protection fault comes without an address, which must not be read as a null pointer's.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    __asm__ volatile("hlt");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
