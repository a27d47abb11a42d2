/* SPDX-License-Identifier: MIT */
/* The contract of adamw-schedule: what a solution includes and the harness calls. One step of training: the learning
 * rate of the step, the gradient clipped by its global norm, and AdamW for weights in groups. */
#ifndef ADAMW_SCHEDULE_H
#define ADAMW_SCHEDULE_H

#include <stdint.h>

struct adamw_params {
    int64_t n;           /* weights in all groups together, 0 to 2^31 */
    int32_t groups;      /* 1 to 64 */
    int32_t step;        /* 0 to 10^9: the steps that were made before this one */
    int32_t warmup;      /* 0 to 10^9 steps of linear warm-up */
    int32_t decay_steps; /* warmup to 10^9: where the cosine ends, counted from step 0 */
    float lr_peak;       /* > 0, at most 10 */
    float lr_min;        /* 0 to lr_peak */
    float beta1, beta2;  /* 0.5 <= beta < 1 */
    float eps;           /* 1e-10 to 1, outside of the root */
    float clip;          /* > 0: the norm that the gradient may have */
};

/* The rate of this step, for every group before its multiplier:
 *
 *   step < warmup:  lr = lr_peak*(step + 1)/warmup
 *   else:           lr = lr_min + (lr_peak - lr_min)*(1 + cos(pi*progress))/2
 *                   progress = min(1, (step - warmup)/max(1, decay_steps - warmup))
 *
 * Clipping by the norm of all n elements of g:
 *
 *   norm = sqrt(g[0]^2 + ... + g[n-1]^2)      coef = clip/norm if norm > clip, else 1
 *
 * And for each element i of group k, with t = step + 1:
 *
 *   m = beta1*m + (1 - beta1)*(coef*g)
 *   v = beta2*v + (1 - beta2)*(coef*g)^2
 *   w = w - lr*lr_mult[k]*((m/(1 - beta1^t))/(sqrt(v/(1 - beta2^t)) + eps) + weight_decay[k]*w)
 *
 *   count        [groups]  >= 0, together n: group 0 has the first count[0] weights, group 1 the next count[1], ...
 *   lr_mult      [groups]  0 to 100
 *   weight_decay [groups]  0 to 1
 *   g            [n]       read-only, finite, at most 1e30 in magnitude
 *   w, m         [n]       read and written, finite
 *   v            [n]       read and written, >= 0
 *   stats        [3]       written: lr, norm, coef
 *
 * Pointers to arrays without elements may be NULL; nothing overlaps; arrays are aligned to their elements. Returns 0.
 *
 * Source: I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019, arXiv:1711.05101. */
int adamw_step(const struct adamw_params *p, const int64_t *count, const float *lr_mult, const float *weight_decay,
               const float *g, float *w, float *m, float *v, float *stats);

#endif
