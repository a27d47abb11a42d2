// E5: symbol, string and hash tables written in assembler => passed | rejected_binary | compile_error
// harness: hostile-matmul
// Sections of these names are mixed into what the linker makes. The vet reads the tables as the loader does.

__asm__(".section .dynsym,\"a\",@progbits\n.quad 0x1200000001, 0, 0\n"
        ".section .dynstr,\"a\",@progbits\n.asciz \"__gmon_start__\"\n"
        ".section .gnu.hash,\"a\",@progbits\n.quad -1, -1\n"
        ".section .gnu.version,\"a\",@progbits\n.quad -1\n"
        ".section .got,\"aw\",@progbits\n.quad 1, 2\n.section .plt,\"ax\",@progbits\nud2\n.text");

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
