// B3: makes a forbidden call while the filter's signal is blocked => forbidden_call
// harness: hostile-matmul
// test: system
// A signal that is blocked is not delivered; for this one the kernel kills instead.
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    if (syscall(SYS_socket, 1, 1, 0) >= 0)
        puts("GAINED a socket");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
