// E4: .org to 2^40 => compile_error | rejected_binary
// harness: hostile-matmul
// A hole of a terabyte in the text section.

__asm__(".data\n.org 1099511627776\n.byte 1\n.text");

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
