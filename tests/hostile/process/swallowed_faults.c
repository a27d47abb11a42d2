// S a08: swallows the faults of its writes outside the output => out_of_bounds
// harness: hostile-matmul
// A handler steps over each fault, so that guard pages are no end. The bytes between the output and the guard page
// are checked after the call.
#include <setjmp.h>
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

static sigjmp_buf next;

static void on_fault(int number) {
    siglongjmp(next, number);
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    signal(SIGSEGV, on_fault);
    for (volatile int64_t i = -2000; i < 2000; i++)
        if ((i < 0 || i >= (int64_t)n * n) && sigsetjmp(next, 1) == 0)
            ((volatile float *)c)[i] = 1;
    return 0;
}
