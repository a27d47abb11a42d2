// N: returns with the registers of its caller ruined => crashed
// harness: hostile-matmul
// The callee-saved registers hold the worker's own variables. It falls in its own code, and the report must not
// look for that place in the candidate's file.
#include "hostile-matmul.h"

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    __asm__ volatile("mov $-1, %rbx; mov $-1, %r12; mov $-1, %r13; mov $-1, %r14; mov $-1, %r15; xor %eax, %eax; "
                     "mov $8, %rsp; ret");
    return 0;
}
