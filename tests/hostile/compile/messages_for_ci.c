// E5: messages with control characters and commands for CI systems => compile_error
// harness: hostile-matmul
// Escape sequences and lines like ::error:: in the report would be obeyed by a terminal or a CI system. They are
// escaped.

#pragma message "\033[2J\n::error::forged\r##[error]forged"
_Static_assert(0, "\033]0;owned\007\n::set-output name=verdict::passed\n[{\"kind\":\"error\"}]");

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
