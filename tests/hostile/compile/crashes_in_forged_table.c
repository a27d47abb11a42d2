// E5: .loc and .file forge the line table by hand => crashed | compile_error
// harness: hostile-matmul
// As above, in assembler; the table is only ever read inside the sandbox.

__asm__(".file 9 \"@CANARY@/secret\"\n.loc 9 1");

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    __asm__ volatile(".file 9 \"@CANARY@/secret\"\n.loc 9 1\n ud2");
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
