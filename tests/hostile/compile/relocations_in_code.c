// E5: relocations in the code => rejected_binary | compile_error
// harness: hostile-matmul
// The loader would make the code writable for the moment.
#include <stdio.h>

__asm__(".text\n.quad printf\n");

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
