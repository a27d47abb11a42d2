// B1: leaves the second call by a jump into the first one's frame => unwritten_output
// harness: hostile-matmul
// The second call computes nothing and returns through the stack of the first one. Returning is no proof of work:
// the output still holds its poison.
#include <setjmp.h>

#include "hostile-matmul.h"

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
}

static jmp_buf first_call;
static int calls;

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (calls++ > 0)
        longjmp(first_call, 1);
    if (setjmp(first_call) == 0)
        multiply(n, alpha, a, b, c);
    return 0;
}
