// E5: options for fast mathematics by pragma and attribute => passed
// harness: hostile-matmul
// -Ofast on the command line would link code that flushes denormals. By attribute it cannot; what it does to the sum
// is judged like any other rounding.

#pragma GCC target("avx2,fma")
#pragma GCC optimize("Ofast", "unroll-loops")

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
