// E4: .rept of 10^9 instructions => compile_error
// harness: hostile-matmul
// The assembler writes the text out in memory first.

__asm__(".rept 1000000000\nnop\n.endr");

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
