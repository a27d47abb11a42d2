// S a13: opens a UDP socket => forbidden_call
// harness: hostile-matmul
// test: system
// Landlock knows TCP only.
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (socket(AF_INET6, SOCK_DGRAM, 0) >= 0)
        puts("GAINED a UDP socket");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
