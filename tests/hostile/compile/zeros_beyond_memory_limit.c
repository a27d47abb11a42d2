// E4: static arrays larger than the memory of the challenge => memory_limit | rejected_binary
// harness: hostile-matmul
// Small enough for the binary's limit (256 MiB), too large for the process (96 MiB).

static volatile char big[200 << 20];

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    big[n] = 1;
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
