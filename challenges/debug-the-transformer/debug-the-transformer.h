/* SPDX-License-Identifier: MIT */
/* A pre-LN transformer block, forward and backward, and the parts that it is made of. */
#ifndef DEBUG_THE_TRANSFORMER_H
#define DEBUG_THE_TRANSFORMER_H

#include <stdint.h>

/* b sequences of t positions, d numbers at each of them; h heads of d/h numbers; f hidden units of the MLP. */
struct block_sizes {
    int32_t b; /* 0 .. 64 */
    int32_t t; /* 0 .. 256 */
    int32_t d; /* 1 .. 256 */
    int32_t h; /* 1 .. 16, divides d */
    int32_t f; /* 0 .. 1024 */
};

#define BLOCK_EPS 1e-5f /* added to the variance of both layer norms */

/* For all ten functions: arrays are row-major, 4-byte aligned and do not overlap; no pointer is NULL unless its array
 * has no elements; any of b, t, f, n may be 0. Each returns 0.
 *
 * "=": the array is overwritten completely. "+=": the result is added to what the array holds (any finite numbers), as
 * gradients are when several terms flow into one place. A gradient by z is called dz. */

/* Layer norm over the last dimension. mean = avg x, rstd = 1/sqrt(avg (x-mean)^2 + BLOCK_EPS),
 * y = (x-mean)*rstd*gain + bias.
 *   x [b][t][d]   gain, bias [d]   y = [b][t][d]   mean, rstd = [b][t] */
int block_norm_forward(int32_t b, int32_t t, int32_t d, const float *x, const float *gain, const float *bias, float *y,
                       float *mean, float *rstd);

/* With g = gain*dy and xhat = (x-mean)*rstd, averages over the d elements of a position:
 *   dx += rstd*(g - avg g - xhat*avg(g*xhat))     dgain += sum over b,t of dy*xhat     dbias += sum over b,t of dy
 *   dy, x [b][t][d]   gain [d]   mean, rstd [b][t], those of x   dx += [b][t][d]   dgain, dbias += [d]
 * dx holds what comes back around the branch, by the residual connection, when this function is called. */
int block_norm_backward(int32_t b, int32_t t, int32_t d, const float *dy, const float *x, const float *gain,
                        const float *mean, const float *rstd, float *dx, float *dgain, float *dbias);

/* y = x w + bias at each position.
 *   x [b][t][in]   w [in][out]   bias [out]   y = [b][t][out] */
int block_linear_forward(int32_t b, int32_t t, int32_t in, int32_t out, const float *x, const float *w,
                         const float *bias, float *y);

/* dx = dy w^T     dw += sum over b,t of x^T dy     dbias += sum over b,t of dy
 *   dy [b][t][out]   x [b][t][in]   w [in][out]   dx = [b][t][in]   dw += [in][out]   dbias += [out] */
int block_linear_backward(int32_t b, int32_t t, int32_t in, int32_t out, const float *dy, const float *x,
                          const float *w, float *dx, float *dw, float *dbias);

/* Causal attention of h heads. A position of qkv holds q | k | v, d numbers each; in each third the heads lie one after
 * the other. Query i sees the keys 0 .. i of its own sequence:
 *   s_ij = <q_i, k_j>/sqrt(d/h)     p_ij = exp(s_ij) / sum over k <= i of exp(s_ik)     mix_i = sum over j of p_ij v_j
 *   qkv [b][t][3*d]   mix = [b][t][d] */
int block_attention_forward(int32_t b, int32_t t, int32_t d, int32_t h, const float *qkv, float *mix);

/* dmix [b][t][d]   qkv [b][t][3*d]   dqkv = [b][t][3*d], laid out as qkv */
int block_attention_backward(int32_t b, int32_t t, int32_t d, int32_t h, const float *dmix, const float *qkv,
                             float *dqkv);

/* y = x/2 * (1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3))), element by element.
 *   x [n]   y = [n] */
int block_gelu_forward(int32_t n, const float *x, float *y);

/* dx = dy times the derivative of that.
 *   dy, x [n]   dx = [n] */
int block_gelu_backward(int32_t n, const float *dy, const float *x, float *dx);

/* The block: mid = x + proj(attention(qkv(norm1(x)))), y = mid + out(gelu(fc(norm2(mid)))).
 *   params [4*d*d + 9*d + 2*d*f + f], one after the other:
 *          norm1 gain[d], bias[d]; qkv w[d][3*d], bias[3*d]; proj w[d][d], bias[d];
 *          norm2 gain[d], bias[d]; fc w[d][f], bias[f]; out w[f][d], bias[d]
 *   x [b][t][d]   y = [b][t][d] */
int block_forward(const struct block_sizes *p, const float *params, const float *x, float *y);

/* dy [b][t][d]   params, x as above   dx = [b][t][d]   dparams +=, laid out as params
 * Nothing is handed over from a forward pass: what is needed of it is computed again.
 *
 * Sources: A. Vaswani et al., "Attention is all you need", arXiv:1706.03762, 2017; R. Xiong et al., "On layer
 * normalization in the transformer architecture", arXiv:2002.04745, 2020. */
int block_backward(const struct block_sizes *p, const float *dy, const float *params, const float *x, float *dx,
                   float *dparams);

#endif
