// E5: options in pragmas that make the compiler write files => passed | compile_error
// harness: hostile-matmul
// Dumps and profiles would be written into a folder of choice. No such option is taken from the source.

#pragma GCC optimize("-fdump-tree-all=@CANARY@/yard/dump")
#pragma GCC optimize("profile-generate=@CANARY@/yard", "-fstack-usage", "save-temps")
#pragma GCC pch_preprocess "@CANARY@/touch"

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
