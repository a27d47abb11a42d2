// harness: moe-dispatch
//
// Top-k routing to experts. The contract is in moe-dispatch.h, the statement in README.md.
//
// This file compiles and runs, but every token goes to the first k experts, and none of them answers. A way to begin:
//   1. one token's logits, their softmax, and the k largest, of equal ones the lower index;
//   2. the slots: tokens in order, within a token its choices in order, -1 when the expert is full;
//   3. one expert's answer to one token, added with its gate; what was dropped adds nothing;
//   4. aux, from the choices before anything was dropped;
//   5. when `harness run` accepts that: all tokens of one expert together, so that its weights are read once.
#include "moe-dispatch.h"

int moe_dispatch(const struct moe_params *p, const float *x, const float *wr, const float *w1, const float *w2,
                 float *y, int32_t *expert, int32_t *slot, float *gate, float *aux) {
    (void)x, (void)wr, (void)w1, (void)w2;
    for (int64_t i = 0; i < (int64_t)p->n * p->d; i++) {
        y[i] = 0;
    }
    for (int64_t t = 0; t < p->n; t++) {
        for (int64_t j = 0; j < p->k; j++) {
            expert[t * p->k + j] = (int32_t)j;
            slot[t * p->k + j] = t < p->capacity ? (int32_t)t : -1;
            gate[t * p->k + j] = 1 / (float)p->e;
        }
    }
    aux[0] = p->n > 0 && p->e > 0 ? 1 : 0;
    return 0;
}
