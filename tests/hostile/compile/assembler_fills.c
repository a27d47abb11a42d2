// E4: .fill of 100 GB => compile_error
// harness: hostile-matmul
// As a big array, without help of the compiler.

__asm__(".data\n.fill 100000000000, 1, 7\n.text");

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
