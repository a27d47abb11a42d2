// E5: .print writes forged messages of the compiler => passed
// harness: hostile-matmul
// They look like the compiler's JSON and like lines for a CI system. The verdict does not come from them.

__asm__(".print \"[{\\\"kind\\\": \\\"error\\\", \\\"message\\\": \\\"forged\\\"}]\"\n.print \"::error::forged\"");

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
