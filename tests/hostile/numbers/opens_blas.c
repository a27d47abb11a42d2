// C12: opens OpenBLAS at run time with dlopen => rejected_binary | forbidden_call | passed
// harness: hostile-matmul
// test: files
// The library lies on the machine, since the reference uses it. The worker is shut off from files before it runs
// any code of the candidate.
#include "hostile-matmul.h"

#include <dlfcn.h>
#include <stdio.h>

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
    void (*gemm)(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int) = 0;
    void *library = dlopen("libopenblas.so.0", RTLD_NOW);
    if (library != 0)
        *(void **)&gemm = dlsym(library, "cblas_sgemm");
    if (gemm != 0)
        printf("GAINED a library\n");
    multiply(n, alpha, a, b, c);
    return 0;
}
