// N: crashes in a function and a file whose names hold controls and commands => crashed
// harness: hostile-matmul
// The place of a crash is read from debug information, which holds any name that #line and an assembler label
// give.
#include "hostile-matmul.h"

__attribute__((noipa)) static int crash(volatile int *p) __asm__("\"::error::x\033[31m\"");
#line 1 "::error::\033[2J\xe2\x80\xae"
__attribute__((noipa)) static int crash(volatile int *p) {
    return *p;
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    return crash((volatile int *)8);
}
