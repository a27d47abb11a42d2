// E2: includes a file by its absolute path => compile_error
// harness: hostile-matmul
// test: files
// gcc would quote what it cannot parse. The file cannot be opened, and messages about other files than the candidate's
// own come without source lines.

#include "@CANARY@/secret"

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
