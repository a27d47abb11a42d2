// S a08: handles the fault of a write to its input and goes on => passed
// harness: hostile-matmul
// The write does not happen, the handler is the candidate's own business, and the answer is right.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

#include "hostile-matmul.h"

static sigjmp_buf next;

static void on_fault(int number) {
    siglongjmp(next, number);
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    signal(SIGSEGV, on_fault);
    if (n > 0 && sigsetjmp(next, 1) == 0) {
        *(volatile float *)(uintptr_t)a = 0;
        puts("GAINED the input");
    }
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
