/* SPDX-License-Identifier: MIT */
/* Faults of machines: flipped bits, buckets that arrive wrong, late or not at all, and arithmetic that is wrong before
 * anyone could take a checksum. */
#include <string.h>

#include "reference/faults_plan.h"
#include "reference/philox.h"

enum { PURPOSE_ELEMENT = 5, PURPOSE_NOISE = 6, TOP_EXPONENT_BIT = 30 };

/* What the value becomes in float32 storage: below 2 in size, it grows by 2^128. */
static double flip_bit(double value, int bit) {
    union {
        float value;
        uint32_t bits;
    } image = {.value = (float)value};
    image.bits ^= UINT32_C(1) << bit;
    return (double)image.value;
}

/* An element of the group's matrices; without a group, of the first block's. */
static size_t pick_element(const struct fault_at *at, const char *only) {
    size_t group = at->fault->group >= 0 ? (size_t)at->fault->group : 1;
    struct philox draw = philox_stream(at->fault->seed, 0, PURPOSE_ELEMENT);
    uint32_t pick = philox_next(&draw);
    size_t total = 0;
    for (int pass = 0; pass < 2; pass++) {
        size_t left = pass ? (size_t)(((uint64_t)pick * total) >> 32) : 0;
        for (size_t k = 0; k < at->plan->tensors; k++) {
            const struct gpt_tensor *tensor = &at->plan->tensor[k];
            size_t count = tensor->rows * tensor->cols;
            if (tensor->group != group || !tensor->decays || (only && strcmp(tensor->name, only) != 0))
                continue;
            if (!pass)
                total += count;
            else if (left < count)
                return tensor->offset + left;
            else
                left -= count;
        }
    }
    return 0;
}

/* The flipped weight is one that writes into the residual stream: it drowns the replica's stream without making it
 * infinite. The replica goes on applying the common updates to it. */
static const real *flipped_weight(const struct fault_at *at, const real *params) {
    struct fault_slot *slot = at->slot;
    if (!slot->flipped) {
        slot->element = pick_element(at, "out_w");
        slot->held = flip_bit((double)params[slot->element], TOP_EXPONENT_BIT);
        slot->flipped = true;
    } else {
        slot->held += (double)params[slot->element] - slot->last;
    }
    slot->last = (double)params[slot->element];
    memcpy(slot->kept, params, at->plan->n * sizeof *params);
    slot->kept[slot->element] = (real)slot->held;
    return slot->kept;
}

static void flipped_gradient(const struct fault_at *at, real *wire) {
    size_t element = pick_element(at, NULL);
    wire[element] = (real)flip_bit((double)wire[element], TOP_EXPONENT_BIT);
}

/* A bucket of noise whose norm is `amplitude` times the true one. */
static void noise_in_bucket(const struct fault_at *at, real *x) {
    double sum = 0;
    size_t count = 0;
    for (int pass = 0; pass < 2; pass++) {
        double size = pass && count ? at->fault->amplitude * sqrt(3 * sum / (double)count) : 0;
        struct philox draw = philox_stream(at->fault->seed, (uint32_t)at->step, PURPOSE_NOISE);
        for (size_t k = 0; k < at->plan->tensors; k++) {
            const struct gpt_tensor *tensor = &at->plan->tensor[k];
            if (at->fault->group >= 0 && tensor->group != (size_t)at->fault->group)
                continue;
            for (size_t i = tensor->offset; i < tensor->offset + tensor->rows * tensor->cols; i++) {
                if (pass) {
                    x[i] = (real)(size * ((double)philox_next(&draw) * 0x1p-31 - 1));
                } else {
                    sum += (double)x[i] * (double)x[i];
                    count++;
                }
            }
        }
    }
}

static void stale_shard(const struct fault_at *at, real *wire) {
    if (at->before)
        memcpy(at->slot->kept, wire, at->plan->n * sizeof *wire);
    else
        memcpy(wire, at->slot->kept, at->plan->n * sizeof *wire);
}

static void dropped_shard(const struct fault_at *at, real *wire) {
    memset(wire, 0, at->plan->n * sizeof *wire);
}

const struct fault_handlers *faults_of_hardware(enum fault_kind kind) {
    static const struct fault_handlers handlers[FAULT_KINDS] = {
        [FAULT_FLIPPED_WEIGHT] = {.replica = flipped_weight, .keeps = KEEPS_ONE},
        [FAULT_FLIPPED_GRADIENT] = {.transport = flipped_gradient},
        [FAULT_GARBAGE_BUCKET] = {.transport = noise_in_bucket},
        [FAULT_WRONG_COMPUTE] = {.computed = noise_in_bucket},
        [FAULT_STALE_SHARD] = {.transport = stale_shard, .early = true, .keeps = KEEPS_ONE},
        [FAULT_DROPPED_SHARD] = {.transport = dropped_shard},
    };
    const struct fault_handlers *h = &handlers[kind];
    return h->replica || h->computed || h->transport ? h : NULL;
}
