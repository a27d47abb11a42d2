// E2: includes the memory and the open files of the grader => compile_error
// harness: hostile-matmul
// The seed would be in there. The grader is undumpable, and /proc is not visible at levels A and B.

#include "/proc/@GRADER@/mem"
#include "/proc/@GRADER@/fd/3"

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
