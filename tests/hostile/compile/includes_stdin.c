// E3: waits for input from /dev/stdin => compile_error | passed
// harness: hostile-matmul
// Would hang while nobody types. Standard input is /dev/null: with /dev in view the file is empty, else it is not
// there.

#include "/dev/stdin"

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
