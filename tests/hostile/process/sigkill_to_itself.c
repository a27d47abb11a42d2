// B1: kills itself with SIGKILL => crashed
// harness: hostile-matmul
// Looks like the kernel's answer to too much memory, which is told apart by the control group and not by the
// signal.
#include <signal.h>

#include "hostile-matmul.h"

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    raise(SIGKILL);
    return 0;
}
