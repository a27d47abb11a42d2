// B4: breaks the FILE that the worker flushes after each call => crashed | passed
// harness: hostile-matmul
// The worker flushes stdout for the candidate after the call. A table of functions that is not the C library's
// makes it abort: the candidate's own process, seen as a crash at the next call.
#include <stdio.h>
#include <string.h>

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
    memset((char *)stdout + sizeof *stdout, 0x41, sizeof(void *));
    stdout->_IO_write_ptr = stdout->_IO_write_base + 1;
    return 0;
}
