// E4: an initialised array of 64 GiB => compile_error
// harness: hostile-matmul
// Would fill the disk. The largest file that the compiler may write is 64 MiB.

char big[64l << 30] = {1};

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
