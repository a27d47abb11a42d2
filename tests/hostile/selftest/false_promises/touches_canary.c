// T: writes into the file that must stay as it is => passed
// harness: hostile-matmul
// reports: canary's touch was touched
// Level D keeps nobody from it: that is what the driver must see.
#include "hostile-matmul.h"

#include <stdio.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    FILE *file = fopen("@CANARY@/touch", "a");
    if (file != NULL) {
        fputc(33, file);
        fclose(file);
    }
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[(int64_t)i * n + k] * b[(int64_t)k * n + j];
            c[(int64_t)i * n + j] = alpha * sum;
        }
    return 0;
}
