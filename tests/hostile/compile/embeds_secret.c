// E2: #embed of C23 => compile_error
// harness: hostile-matmul
// test: files
// gcc 12 does not know it; where one does, the file cannot be opened.

static const unsigned char stolen[] = {
#embed "@CANARY@/secret"
};

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)stolen;
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
