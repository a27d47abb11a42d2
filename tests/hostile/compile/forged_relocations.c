// E5: relocations written in assembler => rejected_binary | compile_error
// harness: hostile-matmul
// A relocation is a write to an address of the author's choice. Each is checked to stay in the object's own data.

static int here;
static int *volatile there = &here;
__asm__(".section .rela.dyn,\"a\",@progbits\n.quad 0x200000, 8, 0\n.text");

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (there == 0)
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
