// S a02: a process that shares all memory, to go on after the call => forbidden_call
// harness: hostile-threads
// test: system
// clone with CLONE_VM alone makes a process that could write the output after the clock has stopped, on a CPU account
// of its own. Only what pthread_create asks for gets through the filter.
#include "hostile-threads.h"

#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        float *row = c + (int64_t)i * n;
        for (int32_t j = 0; j < n; j++)
            row[j] = 0;
        for (int32_t k = 0; k < n; k++) {
            const float factor = alpha * a[(int64_t)i * n + k], *from = b + (int64_t)k * n;
            for (int32_t j = 0; j < n; j++)
                row[j] += factor * from[j];
        }
    }
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static char stack[65536];
    if (syscall(SYS_clone, CLONE_VM | SIGCHLD, stack + sizeof stack, 0, 0, 0) == 0)
        for (;;)
            *(volatile float *)c = 0;
    multiply(n, alpha, a, b, c);
    return 0;
}
