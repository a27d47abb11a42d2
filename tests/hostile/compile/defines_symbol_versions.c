// E5: .symver gives names versions of the C library => compile_error | rejected_binary
// harness: hostile-matmul
// A namesake with a version could be preferred to the real one. The version is not in the list of exports.
#include <stdio.h>

void *my_memcpy(void *to, const void *from, unsigned long size) {
    (void)from, (void)size;
    printf("GAINED the place of memcpy\n");
    return to;
}
__asm__(".symver my_memcpy,memcpy@@GLIBC_2.14");

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
