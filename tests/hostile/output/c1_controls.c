// N: prints control characters beyond ASCII, as single bytes and in UTF-8 => passed
// harness: hostile-matmul
// 0x9b is CSI for a terminal that reads eight bits, and U+009B is CSI for many that read UTF-8; neither has an
// ESC in it.
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
    printf("\x9b"
           "31mred \x9d"
           "0;title\x9c \x90q\x9c \x85 \x8d\n");
    printf("\xc2\x9b"
           "31mred \xc2\x9d"
           "0;title\xc2\x9c \xc2\x90q\xc2\x9c \xc2\x85 \xc2\x8d\n");
    return 0;
}
