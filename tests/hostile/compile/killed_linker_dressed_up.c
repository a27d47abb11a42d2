// E5: prints what gcc says when the linker is killed => compile_error
// harness: hostile-matmul
// As above; here the link fails, and the linker says so.

void not_there(void);
__asm__(".print \"collect2: fatal error: ld terminated with signal 9 [Killed]\"");

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    not_there();
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
