// N: watches the worker instruction by instruction through SIGTRAP => passed | time_limit | crashed
// harness: hostile-matmul
// With a handler of its own the trap flag is no fault but a debugger: it sees every instruction of the worker up
// to the next system call. There is nothing to see.
#include <signal.h>

#include "hostile-matmul.h"

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
}

static volatile long steps;

static void on_step(int number) {
    steps += number > 0;
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    signal(SIGTRAP, on_step);
    __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq" : : : "memory", "cc");
    return 0;
}
