// N: maps the captured output as memory and fills it => passed
// harness: hostile-matmul
// The grader reads the file while the candidate may still change it, so it copies first and looks at the copy.
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    char *log = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, 1, 0);
    if (log != MAP_FAILED)
        memset(log, 0xff, 65536);
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
