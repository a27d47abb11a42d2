// S a28: maps its output a second time, past the guard pages => out_of_bounds | passed
// harness: hostile-matmul
// mremap with an old size of 0 makes a second view of the file that knows no guard pages. What is written outside
// the output through it is seen where the slack is checked, and is nobody's elsewhere.
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

void *mremap(void *, size_t, size_t, int, ...);

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    uintptr_t page = (uintptr_t)c & ~4095UL;
    size_t from = ((uintptr_t)(c + (size_t)n * (size_t)n) - page + 4095) & ~4095UL;
    char *view = n > 0 ? mremap((void *)page, 0, from + 4096, 1) : MAP_FAILED;
    if (view != MAP_FAILED)
        memset(view + from - 16, 0x41, 16);
    return 0;
}
