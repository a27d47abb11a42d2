// F7: endless recursion => crashed
// harness: hostile-matmul
// The stack ends in a guard page; the message comes from a stack of its own.
#include "hostile-matmul.h"

#include <string.h>

static int deeper(int level) {
    volatile char frame[4096];
    memset((char *)frame, level, sizeof frame);
    return deeper(level + 1) + frame[level & 4095];
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    c[0] = (float)deeper(n);
    return 0;
}
