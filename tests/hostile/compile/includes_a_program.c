// E3: includes a program: bytes that are no C => compile_error
// harness: hostile-matmul
// Thousands of stray bytes, each worth a message. The log is cut at a megabyte.

#include "/usr/bin/env"

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
