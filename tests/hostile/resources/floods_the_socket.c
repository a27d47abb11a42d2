// N: floods the grader with messages => time_limit
// harness: hostile-matmul
// Each is looked at and none of them is the end of the call; the deadline is not moved by them.
#include "hostile-matmul.h"

#include <unistd.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (;;)
        (void)!write(7, "D", 1);
}
