// B5: asks the socket who is at the other end => forbidden_call
// harness: hostile-matmul
// test: system
// SO_PEERPIDFD would be a handle on the grader.
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    int peer[3];
    socklen_t size = sizeof peer;
    if (getsockopt(7, SOL_SOCKET, SO_PEERCRED, peer, &size) == 0)
        puts("GAINED the grader's credentials");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
