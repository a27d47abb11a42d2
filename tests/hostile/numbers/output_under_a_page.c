// N: lays a private page over the output and computes there => unwritten_output
// harness: hostile-matmul
// Nothing reaches the shared memory, which still holds its poison when the grader looks.
#include "hostile-matmul.h"

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
    if (n > 0) {
        const uintptr_t begin = (uintptr_t)c & ~(uintptr_t)4095, end = (uintptr_t)(c + n * n);
        mmap((void *)begin, end - begin, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    }
    multiply(n, alpha, a, b, c);
    return 0;
}
