// T: is compiled for longer than the driver waits for the grader => compile_error
// harness: hostile-matmul
// reports: the grader did not end within
// The grader has a limit of its own for the compiler; the driver is told to be less patient than that.
#include "hostile-matmul.h"

#define A(x) x + x + x + x + x + x + x + x + x + x
#define B(x) A(A(A(A(A(A(A(x)))))))

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)alpha, (void)a, (void)b, (void)c;
    return B(n);
}
