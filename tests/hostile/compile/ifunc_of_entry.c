// E5: the entry chooses itself when it is looked up (ifunc) => rejected_binary
// harness: hostile-matmul
// The resolver would run in the loader, before the filter.
#include <stdio.h>

static int compute(int32_t n, float alpha, const float *a, const float *b, float *c);
static void *choose(void) {
    printf("GAINED code before the filter\n");
    return compute;
}
int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) __attribute__((ifunc("choose")));

static int compute(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
