// F3: locks its memory so that nobody else gets it => passed | forbidden_call
// harness: hostile-matmul
// RLIMIT_MEMLOCK is zero, and the calls are refused.
#include "hostile-matmul.h"

#include <stdio.h>
#include <sys/mman.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        float *row = c + (int64_t)i * n;
        for (int32_t j = 0; j < n; j++)
            row[j] = 0;
        for (int32_t k = 0; k < n; k++) {
            const float factor = alpha * a[(int64_t)i * n + k], *from = b + (int64_t)k * n;
            for (int32_t j = 0; j < n; j++)
                row[j] += factor * from[j];
        }
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    void *block = mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
    if (block != MAP_FAILED || mlock(a, 4096) == 0)
        printf("GAINED locked memory\n");
    mlockall(MCL_CURRENT | MCL_FUTURE);
    multiply(n, alpha, a, b, c);
    return 0;
}
