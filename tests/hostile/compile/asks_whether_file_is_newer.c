// E2: #pragma GCC dependency compares the age of files => compile_error
// harness: hostile-matmul
// test: files
// Would tell the age of a file and whether it exists. A file that cannot be opened is an error.

#pragma GCC dependency "@CANARY@/secret"

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
