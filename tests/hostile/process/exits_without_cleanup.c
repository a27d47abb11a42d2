// B1: ends with _exit(0) without the work => exited
// harness: hostile-matmul
// Nothing was written, so a missing output must not count as none wrong.
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    _exit(0);
}
