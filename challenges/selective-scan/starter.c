// harness: selective-scan
// Compiles, and is honest about being unfinished: it passes u on past D and leaves the state as it was.
#include "selective-scan.h"

int selective_scan(const struct selective_scan_params *p, const float *u, const float *delta, const float *A,
                   const float *B, const float *C, const float *D, const float *h0, float *y, float *h_last) {
    (void)delta, (void)A, (void)B, (void)C;
    for (int64_t i = 0; i < (int64_t)p->b * p->t * p->c; i++) {
        y[i] = D[i % p->c] * u[i];
    }
    for (int64_t i = 0; i < (int64_t)p->b * p->c * p->s; i++) {
        h_last[i] = h0 ? h0[i] : 0;
    }
    return 0;
}
