/* SPDX-License-Identifier: MIT */
/* The selective scan: all the work is in reference/scan.h; this file translates the contract's parameters. */
#include "selective-scan.h"

#include "reference/scan.h"

static struct scan problem(const struct selective_scan_params *p, const real *u, const real *delta, const real *A,
                           const real *B, const real *C, const real *D, const real *h0) {
    return (struct scan){.batches = (size_t)p->b,
                         .tokens = (size_t)p->t,
                         .channels = (size_t)p->c,
                         .states = (size_t)p->s,
                         .softplus = p->softplus_delta != 0,
                         .u = u,
                         .delta = delta,
                         .A = A,
                         .B = B,
                         .C = C,
                         .D = D,
                         .h0 = h0};
}

int reference_selective_scan(const struct selective_scan_params *p, const real *u, const real *delta, const real *A,
                             const real *B, const real *C, const real *D, const real *h0, real *y, real *h_last,
                             real *gauge_y, real *gauge_h_last) {
    const struct scan scan = problem(p, u, delta, A, B, C, D, h0);
    return scan_forward(&scan, y, h_last, gauge_y, gauge_h_last);
}

int plain_selective_scan(const struct selective_scan_params *p, const real *u, const real *delta, const real *A,
                         const real *B, const real *C, const real *D, const real *h0, real *y, real *h_last) {
    const struct scan scan = problem(p, u, delta, A, B, C, D, h0);
    return scan_plain(&scan, y, h_last);
}
