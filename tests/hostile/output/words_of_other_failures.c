// N: has an error that speaks of memory and time => compile_error
// harness: hostile-matmul
// How the compiler failed must not be told from words that the candidate chose.
#include "hostile-matmul.h"

#error out of memory: virtual memory exhausted, CPU time limit exceeded, File size limit exceeded

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    return 0;
}
