// C8: makes the input's pages writable first => passed
// harness: hostile-matmul
// The file is sealed against writing and was opened for reading: mprotect is refused, and a private page put in
// its place is seen by nobody else.
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
    if (n > 0) {
        void *page = (void *)((uintptr_t)a & ~(uintptr_t)4095);
        if (mprotect(page, 4096, PROT_READ | PROT_WRITE) == 0)
            printf("GAINED an input that can be written\n");
    }
    multiply(n, alpha, a, b, c);
    return 0;
}
