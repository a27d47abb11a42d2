// E5: functions named _init and _fini => rejected_binary
// harness: hostile-matmul
// Without start files they would become DT_INIT and DT_FINI.
#include <stdio.h>

void _init(void) {
    printf("GAINED code before the filter\n");
}
void _fini(void) {
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
