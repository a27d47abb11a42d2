// T: is stopped by the grader later than the driver waits for the grader => time_limit
// harness: hostile-matmul
// reports: the grader did not end within
// The grader gives each of two cases its 700 ms before it stops; the driver is told to be less patient than that.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    for (volatile int forever = 1; forever;) {
    }
    return 0;
}
