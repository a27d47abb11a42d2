// E1: the assembler copies a file into the object (.incbin) => compile_error
// harness: hostile-matmul
// test: files
// The bytes would come with the binary and be printed from there. The compiler sees the toolchain and its own folder
// only; as root it also runs as another user.
#include <stdio.h>

__asm__(".section .rodata\nstolen: .incbin \"@CANARY@/secret\"\n.byte 0\n.text");
extern const char stolen[] __attribute__((visibility("hidden")));

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (stolen[0] != 0)
        printf("GAINED %s\n", stolen);
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
