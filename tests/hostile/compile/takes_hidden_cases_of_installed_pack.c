// E1: reads what is installed beside the toolchain in /usr/share => compile_error
// harness: hostile-matmul
// test: files
// at C: => passed
// An installed harness keeps hidden cases and references in /usr/share or /usr/local/share. The file here stands for
// them: every Debian has it. The compiler once saw all of /usr; now it sees only the folders that a toolchain lives
// in.
#include <stdio.h>

__asm__(".section .rodata\nstolen: .incbin \"/usr/share/common-licenses/GPL-2\"\n.byte 0\n.text");
extern const char stolen[] __attribute__((visibility("hidden")));

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (stolen[0] != 0)
        printf("read what is in /usr/share\n");
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
