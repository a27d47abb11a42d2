// F4: asks not to die with the grader => passed
// harness: hostile-matmul
// test: system
// prctl is answered with EINVAL, so the signal of the parent's death stays as it is.
#include "hostile-matmul.h"

#include <stdio.h>
#include <sys/prctl.h>

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
    if (prctl(PR_SET_PDEATHSIG, 0) == 0)
        printf("GAINED a life after the grader\n");
    multiply(n, alpha, a, b, c);
    return 0;
}
