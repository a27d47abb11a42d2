// H: promises to pass, and dies: the false-alarm run must tell of it => passed
// harness: hostile-matmul
// Not run by the driver of the corpus.
#include "hostile-matmul.h"

#include <stdlib.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    abort();
}
