// E5: an error that claims to be a limit => compile_error
// harness: hostile-matmul
// Words of the limits in the author's own message must not choose the verdict.

#error out of memory; CPU time limit exceeded; File size limit; Cannot allocate memory
#error Killed signal terminated program; ld terminated with signal 9

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
