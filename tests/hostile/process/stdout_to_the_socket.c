// B2: turns its stdout into the grader's socket => unwritten_output
// harness: hostile-matmul
// No dup2 is needed: the C library keeps the number of the descriptor in the FILE. The datagrams are as good as
// any.
#include <stdio.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    fflush(stdout);
    stdout->_fileno = 7;
    printf("D");
    fflush(stdout);
    return 0;
}
