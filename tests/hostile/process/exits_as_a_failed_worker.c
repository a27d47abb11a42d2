// B1: ends with the worker's own exit code for a failed start => exited | memory_limit
// harness: hostile-matmul
// 97 is how a worker says that it could not start, which is the harness's fault. After the first call nobody
// believes it.
#include <unistd.h>

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
    _exit(97);
}
