// expect: too_slow
// harness: selective-scan
// The formulas as they stand: right in every case, with one call of expf for each state and token.
#include "selective-scan.h"

#include <math.h>

int selective_scan(const struct selective_scan_params *p, const float *u, const float *delta, const float *A,
                   const float *B, const float *C, const float *D, const float *h0, float *y, float *h_last) {
    const int64_t t = p->t, c = p->c, s = p->s;
    for (int64_t k = 0; k < p->b * c * s; k++)
        h_last[k] = h0 ? h0[k] : 0;
    for (int64_t token = 0; token < p->b * t; token++)
        for (int64_t i = 0; i < c; i++) {
            const float x = u[token * c + i], d = delta[token * c + i];
            const float step = p->softplus_delta ? (d > 20 ? d : log1pf(expf(d))) : d;
            float *h = h_last + (token / t * c + i) * s, sum = 0;
            for (int64_t j = 0; j < s; j++) {
                h[j] = expf(step * A[i * s + j]) * h[j] + step * B[token * s + j] * x;
                sum += C[token * s + j] * h[j];
            }
            y[token * c + i] = sum + D[i] * x;
        }
    return 0;
}
