// N: sends its DONE message at the start of each GO, and works honestly after it => passed
// harness: hostile-matmul
// test: timing
// The kernel's stamp of that message is earlier than the moment at which the grader sees DONE. It may only correct a
// grader that was late, never precede a look at which DONE was not there.
#include "hostile-matmul.h"

#include <unistd.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (n == 192)
        (void)!write(7, "D", 1);
    multiply(n, alpha, a, b, c);
    return 0;
}
