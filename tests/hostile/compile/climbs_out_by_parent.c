// E2: includes a file by a path that climbs out of the folder => compile_error
// harness: hostile-matmul
// test: files
// Relative to the folder of the compile there is nothing above it that may be read.

#include "../../../../../../../../@CANARY@/secret"

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
