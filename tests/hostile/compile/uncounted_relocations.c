// E5: relocations of type NONE among those that the loader takes for relative ones => passed | rejected_binary
// harness: hostile-matmul
// The loader applies the first DT_RELACOUNT entries without a look at their type, so the vet refuses any other type
// there. The linker sorts them behind, where they do nothing.

static int here;
static int *volatile there = &here;
__asm__(".section .rela.got,\"a\",@progbits\n.quad 0x200000, 0, 0\n.text");

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
