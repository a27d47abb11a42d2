// B1: ends the thread instead of the process => exited
// harness: hostile-matmul
// exit is not exit_group. With one thread both end the process; the grader watches the process and not the thread.
#include <sys/syscall.h>
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
    syscall(SYS_exit, 0);
    return 0;
}
