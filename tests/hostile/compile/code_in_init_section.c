// E5: instructions put into .init => passed | rejected_binary
// harness: hostile-matmul
// Nobody calls the section without the start files.
#include <stdio.h>

static void early(void) {
    printf("GAINED code before the filter\n");
}
__asm__(".section .init,\"ax\",@progbits\ncall early\n.text");
void *keep(void) {
    return early;
}

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
