// F2: prints for ever => time_limit
// harness: hostile-matmul
// The captured output is full at once, and what is printed after that is lost.
#include "hostile-matmul.h"

#include <stdio.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (;;)
        fprintf(stderr, "and on and on\n");
}
