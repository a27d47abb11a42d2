// F2: has an error message of half a megabyte => compile_error
// harness: hostile-matmul
// A few lines of macros make it. A report is for reading: what it repeats of a message has a limit.
#include "hostile-matmul.h"

#define A "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define B A A A A A A A A A A A A A A A A
#define C B B B B B B B B B B B B B B B B
_Static_assert(0, C C C C C C C C C C C C C C C C C C C C C C C C C C C C C C C C);

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    return 0;
}
