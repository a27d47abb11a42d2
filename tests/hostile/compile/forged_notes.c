// E5: forged notes: build id, properties, comments, section headers => passed | rejected_binary
// harness: hostile-matmul
// The loader reads notes. Their place and size are checked; what they say is not believed.

__asm__(".section .note.gnu.property,\"a\"\n.long 4, 0xffff, 5\n.asciz \"GNU\"\n.long 0xc0000002, 0x7fffffff, 3\n"
        ".section .note.gnu.build-id,\"a\"\n.long 4, 20, 3\n.asciz \"GNU\"\n.fill 20, 1, 7\n"
        ".section .comment\n.asciz \"GCC: (forged) 99\"\n.text");

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
