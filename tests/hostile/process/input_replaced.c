// S a29: puts pages of its own over its input => wrong_answer | crashed
// harness: hostile-matmul
// It hides the next inputs from itself: the grader compares with its own copy, and the second call meets the first
// one's numbers.
#include <string.h>
#include <sys/mman.h>

#include "hostile-matmul.h"

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
}

static char copy[1 << 20];

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    uintptr_t page = (uintptr_t)a & ~4095UL;
    size_t bytes = ((uintptr_t)(a + (size_t)n * (size_t)n) - page + 4095) & ~4095UL;
    if (n == 0)
        return 0;
    memcpy(copy, (void *)page, bytes);
    mmap((void *)page, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    memcpy((void *)page, copy, bytes);
    return 0;
}
