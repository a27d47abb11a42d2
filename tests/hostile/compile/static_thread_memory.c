// E5: a megabyte of thread-local memory in the static block (initial-exec) => rejected_binary
// harness: hostile-matmul
// The loader has no room for it after the start.

__attribute__((tls_model("initial-exec"))) static __thread volatile char big[4 << 20];

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
