// B9: looks whether it runs as root => passed
// harness: hostile-matmul
// The kernel told it at the start, in the auxiliary vector: no call is needed. Root's own gradings run it as
// another user at every level.
#include <stdio.h>
#include <sys/auxv.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (getauxval(AT_UID) == 0 || getauxval(AT_EUID) == 0 || getauxval(AT_GID) == 0)
        puts("GAINED root");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
