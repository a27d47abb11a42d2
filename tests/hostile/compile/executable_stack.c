// E5: asks for an executable stack => passed | rejected_binary | compile_error
// harness: hostile-matmul
// The command line of the linker outranks the note: the stack stays as it is.

__asm__(".section .note.GNU-stack,\"x\",@progbits\n.text");

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
