/* SPDX-License-Identifier: MIT */
/* The contract of custom-layer-grad: what a solution includes and the harness calls. The gradient of a residual layer
 * with a normalised and gated inside, and a scalar gate on its way out. */
#ifndef CUSTOM_LAYER_GRAD_H
#define CUSTOM_LAYER_GRAD_H

#include <stdint.h>

struct gatednorm_params {
    int32_t n;    /* rows, 0 to 65536 */
    int32_t d;    /* width, 1 to 4096 */
    int32_t f;    /* inner width, 1 to 16384 */
    int32_t gate; /* 0 silu, 1 tanh, 2 sigmoid, 3 softplus */
    int32_t norm; /* 0 root mean square: m = d, 1 Euclidean norm: m = 1 */
    float eps;    /* 1e-8 to 1, inside of the root */
};

/* For each row x of n, the layer is
 *
 *   r = g*x/sqrt(sum_k x_k^2/m + eps)      p = r W1      q = r W2      z = gate(p)*q      y = x + tanh(a)*(z W3)
 *
 * with element-wise products g*x and gate(p)*q, and for s = 1/(1 + exp(-p)) the gates are silu = p*s, tanh, sigmoid = s
 * and softplus = log(1 + exp(p)). Given dy, the gradient of a loss in y, this writes the gradients of
 * that loss in x and in all weights:
 *
 *   x        [n][d]  read-only, finite, at most 1e6 in magnitude
 *   g        [d]     read-only, as are w1, w2 [d][f], w3 [f][d], a [1] and dy [n][d]
 *   dx       [n][d]  written in full, as are dg [d], dw1, dw2 [d][f], dw3 [f][d] and da [1]
 *
 * What the outputs hold before does not count; with n = 0 the weights' gradients are 0. Any p may occur, in magnitude
 * up to 1000 and more. Matrices are row-major and dense, nothing overlaps, no pointer is NULL but those of arrays
 * without elements, and arrays are aligned to 4 bytes only. Returns 0.
 *
 * The layer is made of: N. Shazeer, "GLU variants improve transformer", arXiv:2002.05202; B. Zhang and R. Sennrich,
 * "Root mean square layer normalization", arXiv:1910.07467; T. Bachlechner et al., "ReZero is all you need",
 * arXiv:2003.04887. */
int gatednorm_bwd(const struct gatednorm_params *p, const float *x, const float *g, const float *w1, const float *w2,
                  const float *w3, const float *a, const float *dy, float *dx, float *dg, float *dw1, float *dw2,
                  float *dw3, float *da);

#endif
