// N: splits its memory into as many mappings as the kernel keeps => memory_limit | time_limit | passed
// harness: hostile-matmul
// Every second page gets other rights. The worker needs one more mapping for the next case and does not
// get it, unless making so many takes longer than a call may.
#include "hostile-matmul.h"

#include <stddef.h>
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
    enum { PAGES = 70000 };
    char *block = mmap(NULL, PAGES * 4096L, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (long i = 0; block != MAP_FAILED && i < PAGES; i += 2)
        if (mprotect(block + i * 4096, 4096, PROT_NONE) != 0)
            break;
    multiply(n, alpha, a, b, c);
    return 0;
}
