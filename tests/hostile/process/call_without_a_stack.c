// B3: makes a forbidden call when its handler has no stack to run on => crashed | forbidden_call
// harness: hostile-matmul
// test: system
// The worker's handler runs on a stack of its own, which is first moved to where no memory is. The kernel kills.
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    void *gone = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t stack = {.ss_sp = gone, .ss_size = 65536};
    sigaltstack(&stack, NULL);
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
