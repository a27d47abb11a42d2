// B4: overwrites the worker's heap => passed | crashed
// harness: hostile-matmul
// There is nothing on it but the C library's lists. A grader that kept an error counter there would be sorry.
#include <string.h>
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
    char *end = sbrk(0);
    static char *probe;
    probe = end - 65536;
    memset(probe, 0x41, 65536);
    return 0;
}
