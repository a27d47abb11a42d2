// E5: assembler that prints what gcc says when it is killed => compile_error
// harness: hostile-matmul
// Would be taken for a fault of the machine, which is graded again and again. .print comes with a message of the
// assembler.

__asm__(".print \"gcc: fatal error: Killed signal terminated program cc1\"\n.print \"compilation terminated.\"\n"
        "not_an_instruction");

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
