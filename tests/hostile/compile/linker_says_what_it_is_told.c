// E5: a .gnu.warning section makes the linker print a forged error => passed
// harness: hostile-matmul
// The linker prints the text when the name is used. A line that looks like an error is not one: it links.
#include <stdio.h>

__asm__(".section .gnu.warning.printf,\"\",@progbits\n.ascii \"undefined reference to `x'; CPU time limit\"\n"
        ".section .gnu.warning.rand,\"\",@progbits\n.ascii \"out of memory\"\n.text");

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (n < 0)
        printf("x");
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
