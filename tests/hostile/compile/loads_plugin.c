// E5: pragmas and attributes that name a compiler plugin => passed | compile_error
// harness: hostile-matmul
// gcc takes plugins from its command line only.

#pragma GCC plugin "@CANARY@/touch"
#pragma GCC optimize("-fplugin=@CANARY@/touch")
__attribute__((optimize("-fplugin=@CANARY@/touch"))) static int helper(int n) {
    return n;
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (helper(n) != n)
        return 1;
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
