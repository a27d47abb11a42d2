// F7: divides a whole number by zero => crashed
// harness: hostile-matmul
// SIGFPE is a death like any other, told by its name.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    volatile int zero = 0;
    c[0] = (float)(n / zero);
    return 0;
}
