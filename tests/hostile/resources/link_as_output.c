// F5: a symbolic link where the grader might write => forbidden_call
// harness: hostile-matmul
// test: system
// The grader reads and writes no file whose name the code has a hand in; and links cannot be made.
#include "hostile-matmul.h"

#include <stdio.h>
#include <unistd.h>

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
    if (symlink("@CANARY@/secret", "@CANARY@/yard/output") == 0)
        printf("GAINED a link\n");
    multiply(n, alpha, a, b, c);
    return 0;
}
