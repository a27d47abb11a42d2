// F2: has ten thousand errors => compile_error
// harness: hostile-matmul
// The compiler is told to stop early, and a report shows the first three.
#include "hostile-matmul.h"

#define A x1 x2;
#define B A A A A A A A A A A
#define C B B B B B B B B B B
#define D C C C C C C C C C C
D D D D D D D D D D

    int
    hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    return 0;
}
