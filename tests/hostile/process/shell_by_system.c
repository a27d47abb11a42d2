// S a10: asks the C library for a shell => passed | forbidden_call
// harness: hostile-matmul
// test: system
// system() and popen() start processes by clone3 and clone: the first is answered with an error, the second ends
// the process.
#include <stdio.h>
#include <stdlib.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (system("cat @CANARY@/secret; echo GAINED a shell") == 0)
        puts("GAINED a shell");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
