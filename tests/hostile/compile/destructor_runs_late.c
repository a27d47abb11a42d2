// E5: a destructor runs at the end => rejected_binary
// harness: hostile-matmul
// As a constructor.
#include <stdio.h>

__attribute__((destructor)) static void late(void) {
    printf("GAINED code after the end\n");
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
