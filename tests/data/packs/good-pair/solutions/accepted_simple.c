// expect: passed
// harness: good-pair
// The loops as the statement has them.
#include "good-pair.h"

#include <stddef.h>

int pair_forward(const struct pair_params *p, const float *x, const float *bias, float *y) {
    for (int32_t r = 0; r < p->rows; r++) {
        for (int32_t c = 0; c < p->n; c++) {
            const int64_t i = (int64_t)r * p->n + c;
            y[i] = p->scale * x[i] + (bias != NULL ? bias[c] : 0.0F);
        }
    }
    return 0;
}

int pair_backward(int32_t rows, int64_t n, float scale, int32_t half, const float *dy, float *dx, float *dbias,
                  int32_t *best) {
    (void)half;
    for (int64_t c = 0; c < n; c++) {
        best[c] = -1;
        for (int32_t r = 0; r < rows; r++) {
            dx[r * n + c] = scale * dy[r * n + c];
            dbias[c] += dy[r * n + c];
            if (best[c] < 0 || dy[r * n + c] > dy[best[c] * n + c]) {
                best[c] = r;
            }
        }
    }
    return 0;
}
