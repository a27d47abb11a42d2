// F2: prints one line of 40000 letters and 20000 lines of none => passed
// harness: hostile-matmul
// Lines on the screen are cut at 80 columns and only the first few are shown.
#include "hostile-matmul.h"

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
    static int calls;
    multiply(n, alpha, a, b, c);
    if (calls++ > 0)
        return 0;
    for (int i = 0; i < 40000; i++)
        putchar('x');
    for (int i = 0; i < 20000; i++)
        putchar('\n');
    return 0;
}
