/* SPDX-License-Identifier: MIT */
/* How a run begins: the usual configuration, the first parameters, the empty state. */
#include <string.h>

#include "reference/philox.h"
#include "reference/train.h"

struct train_config train_defaults(void) {
    return (struct train_config){
        .dims = {.vocab = 64, .time = 32, .width = 32, .layers = 2, .heads = 2, .hidden = 128, .tied = true},
        .shards = 4,
        .sequences = 4,
        .schedule = {.warmup = 30, .decay_steps = 300, .peak = 1.5e-2, .minimum = 1.5e-3},
        .adamw = {.beta1 = .9, .beta2 = .95, .eps = 1e-8, .weight_decay = .1},
        .clip = 1,
        .growth_interval = 40,
    };
}

void train_init(const struct gpt_dims *dims, uint64_t seed, real *params) {
    enum { PURPOSE_INIT = 3 };
    size_t tensors = gpt_tensor_count(dims);
    for (size_t i = 0; i < tensors; i++) {
        struct gpt_tensor tensor = gpt_tensor_at(dims, i);
        size_t count = tensor.rows * tensor.cols;
        real *out = params + tensor.offset;
        if (!tensor.decays) {
            bool gain = strstr(tensor.name, "gain") != NULL;
            for (size_t k = 0; k < count; k++)
                out[k] = gain ? 1 : 0;
            continue;
        }
        bool residual = !strcmp(tensor.name, "proj_w") || !strcmp(tensor.name, "out_w");
        struct philox draw = philox_stream(seed, (uint32_t)i, PURPOSE_INIT);
        philox_normals(&draw, residual ? .02 / sqrt(2.0 * (double)dims->layers) : .02, count, out);
        /* Values that float32 holds exactly, so that both builds start from the same point. */
        for (size_t k = 0; k < count; k++)
            out[k] = (real)(float)out[k];
    }
}

void train_start(const struct train_config *config, double loss_scale, struct train_state *state) {
    size_t n = gpt_parameter_count(&config->dims);
    memset(state->m, 0, n * sizeof *state->m);
    memset(state->v, 0, n * sizeof *state->v);
    state->step = state->updates = state->good_steps = 0;
    state->loss_scale = loss_scale;
}
