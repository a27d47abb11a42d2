// N: prints bidirectional overrides and stacked accents => passed
// harness: hostile-matmul
// Shown as they are, `wrong` reads as something else and the line's end moves to its front; accents by the
// hundred cover the lines above.
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
    printf(
        "\xe2\x80\xae"
        "DESSAP\xe2\x80\xac \xe2\x81\xa6isolated \xe2\x80\xableft\xe2\x80\x8f"
        " \xd8\x9c \xe2\x80\xa8line \xe2\x80\xa9paragraph\n");
    for (int i = 0; i < 300; i++)
        printf("\xcc\x8d");
    printf(" \xef\xb7\xbd \xf0\x92\x80\xb1 \xe3\x85\xa4\xe1\x85\x9f\n");
    return 0;
}
