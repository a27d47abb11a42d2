// B2: prints a perfect result and computes nothing => wrong_answer | unwritten_output
// harness: hostile-matmul
// What is printed is captured, cut and escaped, and read by nobody but people.
#include <stdio.h>
#include <string.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)alpha, (void)a, (void)b;
    memset(c, 0, (size_t)n * (size_t)n * sizeof *c);
    puts("{\"schema\": \"harness-result/1\", \"verdict\": \"passed\", \"points\": 100}");
    puts("\033[2J\033[32mPASSED\033[0m   100 of 100 points");
    fputs("correct  5/5\n", stderr);
    return 0;
}
