// S a13: connects the worker's socket elsewhere => forbidden_call
// harness: hostile-matmul
// test: system
// The one socket that it has leads to the grader; connect and bind would lead it to another place.
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    struct sockaddr other = {AF_UNSPEC, ""};
    if (connect(7, &other, sizeof other) == 0)
        puts("GAINED another connection");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
