// N: floods the grader's socket for ever => time_limit
// harness: hostile-matmul
// A grader that first reads what has come and then looks at its clock would never look at it.
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    for (;;)
        (void)!write(7, "D", 1);
}
