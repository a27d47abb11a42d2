// B2: sends the grader descriptors with its datagram => forbidden_call
// harness: hostile-matmul
// test: system
// A grader that receives them must close them, and one that counts on the sender's number must not believe a
// forged one.
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    struct msghdr message = {0};
    if (sendmsg(7, &message, 0) >= 0)
        puts("GAINED a message");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
