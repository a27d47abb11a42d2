// E5: a static function that chooses itself at load time => rejected_binary
// harness: hostile-matmul
// A relocation of type IRELATIVE is a call as well.
#include <stdio.h>

static int one(void) {
    return 1;
}
static void *choose(void) {
    printf("GAINED code before the filter\n");
    return one;
}
static int helper(void) __attribute__((ifunc("choose")));

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (helper() != 1)
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
