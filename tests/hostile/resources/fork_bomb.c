// F1: a fork bomb => forbidden_call
// harness: hostile-matmul
// test: system
// Every process makes two. The filter knows no fork, only threads, and those not here.
#include "hostile-matmul.h"

#include <unistd.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (;;)
        (void)!fork();
}
