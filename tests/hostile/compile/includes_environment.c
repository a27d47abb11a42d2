// E2: includes the environment and the command line of processes => compile_error
// harness: hostile-matmul
// The environment of the compiler is three lines written by the grader; the one of the grader belongs to root as long
// as the grader is undumpable. Neither is C.

#include "/proc/self/environ"
#include "/proc/self/cmdline"
#include "/proc/@GRADER@/environ"
#include "/proc/@GRADER@/cmdline"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
