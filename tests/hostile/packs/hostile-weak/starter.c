// harness: hostile-weak
#include "hostile-weak.h"

int hostile_weak(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    return 0;
}
