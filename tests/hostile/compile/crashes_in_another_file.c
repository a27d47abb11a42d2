// E5: forged line tables: the crash is said to be in another file => crashed
// harness: hostile-matmul
// The place of a crash comes from line tables that the file can forge. Only a name is shown; no file is opened for it.

#line 1 "@CANARY@/secret"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    *(volatile int *)(long)(n & 0) = 1;
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
