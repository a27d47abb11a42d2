// harness: hostile-matmul
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    return 0;
}
