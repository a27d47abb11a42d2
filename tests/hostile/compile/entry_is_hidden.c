// E5: the entry is hidden => rejected_binary
// harness: hostile-matmul
// Nobody can call it.

#pragma GCC visibility push(hidden)
extern __typeof__(hostile_matmul) hostile_matmul __attribute__((visibility("hidden")));

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
