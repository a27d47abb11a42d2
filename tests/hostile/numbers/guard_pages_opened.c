// C9: makes the guard pages writable and leaves notes there for later calls => passed
// harness: hostile-matmul
// The pages lie in the process's own mapping, so this works, and is worth no more than a static variable: no
// later call has the same values. The next layout closes them again.
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
    unsigned char *page = (unsigned char *)(((uintptr_t)(c + n * n) + 4095) & ~(uintptr_t)4095);
    multiply(n, alpha, a, b, c);
    if (mprotect(page, 4096, PROT_READ | PROT_WRITE) == 0)
        page[0] = 1;
    return 0;
}
