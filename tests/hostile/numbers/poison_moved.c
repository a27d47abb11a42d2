// N: gives every element the poison of its neighbour => not_finite
// harness: hostile-matmul
// Then no element is what it was before the call, and a check for unwritten elements finds none. Poison is a
// signalling NaN wherever it stands.
#include "hostile-matmul.h"

#include <string.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)alpha, (void)a, (void)b;
    const size_t count = (size_t)n * (size_t)n;
    float first;
    memcpy(&first, c, count > 0 ? sizeof first : 0);
    for (size_t i = 0; i + 1 < count; i++)
        memcpy(c + i, c + i + 1, sizeof *c);
    memcpy(c + count - (count > 0), &first, count > 0 ? sizeof first : 0);
    return 0;
}
