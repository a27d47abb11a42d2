// E5: pointers put into .init_array, .ctors and .preinit_array by hand => rejected_binary | compile_error
// harness: hostile-matmul
// No attribute is needed for it; the linker makes the same array.
#include <stdio.h>

static void early(void) {
    printf("GAINED code before the filter\n");
}
__attribute__((section(".init_array"), used)) static void (*const first)(void) = early;
__attribute__((section(".ctors"), used)) static void (*const second)(void) = early;

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
