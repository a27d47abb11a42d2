// N: sections that look like intermediate code with options for a second compiler => compile_error | passed
// harness: hostile-matmul
// The linker's plugin would start a second compiler with these options. It is switched off.

__asm__(".section .gnu.lto_.opts,\"e\",@progbits\n.asciz \"\\'-fplugin=@CANARY@/touch\\' \\'-Ofast\\'\"\n"
        ".section .gnu.lto_main.0,\"e\",@progbits\n.quad 1\n.text\n.globl __gnu_lto_slim\n.comm __gnu_lto_slim,1,1");

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
