/* SPDX-License-Identifier: MIT */
/* The catalogue of faults, with numbers for runs of train_defaults(), and their placing. */
#include <string.h>

#include "reference/faults.h"
#include "reference/philox.h"

enum { BOTH = FAULT_ROOT_CAUSE | FAULT_FAMILY };

/* An entry without a shard or group of its own. */
#define EVERYWHERE .shard = -1, .group = -1

static const struct fault catalogue[] = {
    {.name = "healthy", .what = "nothing is wrong", .class = FAULT_NONE, .kind = FAULT_HEALTHY,
     .flags = FAULT_FAMILY | FAULT_FROM_START, EVERYWHERE},
    {.name = "healthy_fp16", .what = "nothing is wrong, and overflows are skipped as they should be",
     .class = FAULT_NONE, .kind = FAULT_HEALTHY, .flags = FAULT_FAMILY | FAULT_FROM_START | FAULT_NEEDS_FP16,
     EVERYWHERE},
    {.name = "single_topic", .what = "legal: for a while every window is of the same topic", .class = FAULT_NONE,
     .kind = FAULT_SINGLE_TOPIC, .flags = FAULT_FAMILY | FAULT_NEEDS_SORTED, .onset = 150, .duration = 12, EVERYWHERE},

    {.name = "garbage_one_shard", .what = "one shard reads beyond its end", .class = FAULT_DATA,
     .kind = FAULT_GARBAGE_TOKENS, .flags = BOTH | FAULT_ONE_SHARD, .onset = 150, .duration = 6, .shard = 1,
     .group = -1},
    {.name = "garbage_all_shards", .what = "all shards read beyond their ends", .class = FAULT_DATA,
     .kind = FAULT_GARBAGE_TOKENS, .flags = BOTH, .onset = 150, .duration = 2, EVERYWHERE},
    {.name = "padding", .what = "one shard reads a block of padding as text", .class = FAULT_DATA,
     .kind = FAULT_PADDING, .flags = BOTH | FAULT_ONE_SHARD, .onset = 150, .duration = 8, .shard = 2, .group = -1},
    {.name = "target_shift_one_shard", .what = "one shard's targets are one token too far", .class = FAULT_DATA,
     .kind = FAULT_TARGET_SHIFT, .flags = BOTH | FAULT_ONE_SHARD, .onset = 150, .shard = 1, .group = -1},
    {.name = "target_shift_all_shards", .what = "all targets are one token too far", .class = FAULT_DATA,
     .kind = FAULT_TARGET_SHIFT, .flags = FAULT_ROOT_CAUSE, .onset = 200, EVERYWHERE},
    {.name = "no_shuffle", .what = "windows are read in the order of a text that is sorted by topic",
     .class = FAULT_DATA, .kind = FAULT_NO_SHUFFLE, .flags = BOTH | FAULT_NEEDS_SORTED, .onset = 100, EVERYWHERE},
    {.name = "same_shard", .what = "every shard reads the first one's text", .class = FAULT_DATA,
     .kind = FAULT_SAME_SHARD, .flags = FAULT_ROOT_CAUSE | FAULT_FROM_START, EVERYWHERE},

    {.name = "no_warmup", .what = "the rate starts at its peak", .class = FAULT_LR, .kind = FAULT_NO_WARMUP,
     .flags = BOTH | FAULT_FROM_START, EVERYWHERE},
    {.name = "rate_x10", .what = "the rate is ten times too high for 20 steps", .class = FAULT_LR,
     .kind = FAULT_RATE_FACTOR, .flags = BOTH, .onset = 150, .duration = 20, .amplitude = 10, EVERYWHERE},
    {.name = "rate_x30", .what = "the rate is thirty times too high for 3 steps", .class = FAULT_LR,
     .kind = FAULT_RATE_FACTOR, .flags = BOTH, .onset = 150, .duration = 3, .amplitude = 30, EVERYWHERE},
    {.name = "peak_x6", .what = "the peak rate is six times too high", .class = FAULT_LR, .kind = FAULT_RATE_FACTOR,
     .flags = FAULT_FAMILY | FAULT_FROM_START, .amplitude = 6, EVERYWHERE},
    {.name = "cosine_overrun", .what = "the cosine is not clamped, and the rate rises again", .class = FAULT_LR,
     .kind = FAULT_COSINE_OVERRUN, .flags = BOTH | FAULT_NEEDS_EARLY_END, .onset = 150, EVERYWHERE},
    {.name = "no_decay", .what = "the rate stays at its peak", .class = FAULT_LR, .kind = FAULT_NO_DECAY,
     .flags = FAULT_ROOT_CAUSE | FAULT_FROM_START, EVERYWHERE},

    {.name = "lost_moment", .what = "the second moment is lost", .class = FAULT_OPT, .kind = FAULT_LOST_MOMENT,
     .flags = BOTH, .onset = 150, .duration = 1, EVERYWHERE},
    {.name = "not_zeroed", .what = "gradients add up from step to step", .class = FAULT_OPT, .kind = FAULT_NOT_ZEROED,
     .flags = BOTH, .onset = 150, EVERYWHERE},
    {.name = "coupled_decay", .what = "weight decay goes through the moments", .class = FAULT_OPT,
     .kind = FAULT_COUPLED_DECAY, .flags = BOTH | FAULT_FROM_START, EVERYWHERE},
    {.name = "decay_sign", .what = "weight decay has the wrong sign, and ten times the size", .class = FAULT_OPT,
     .kind = FAULT_DECAY_FACTOR, .flags = BOTH | FAULT_FROM_START, .amplitude = -10, EVERYWHERE},
    {.name = "swapped_betas", .what = "beta1 and beta2 change places", .class = FAULT_OPT,
     .kind = FAULT_SWAPPED_BETAS, .flags = FAULT_ROOT_CAUSE | FAULT_FROM_START, EVERYWHERE},
    {.name = "stuck_count", .what = "the count of updates stays at 1", .class = FAULT_OPT, .kind = FAULT_STUCK_COUNT,
     .flags = BOTH | FAULT_FROM_START, EVERYWHERE},
    {.name = "no_bias_correction", .what = "the moments are used as they are", .class = FAULT_OPT,
     .kind = FAULT_NO_BIAS_CORRECTION, .flags = BOTH | FAULT_FROM_START, EVERYWHERE},
    {.name = "eps_large", .what = "eps is 1e-3", .class = FAULT_OPT, .kind = FAULT_EPS,
     .flags = FAULT_ROOT_CAUSE | FAULT_FROM_START, .amplitude = 1e-3, EVERYWHERE},
    {.name = "gradient_sum", .what = "shards are summed, not averaged, before the clip", .class = FAULT_OPT,
     .kind = FAULT_GRADIENT_FACTOR, .flags = FAULT_ROOT_CAUSE | FAULT_FROM_START, EVERYWHERE},
    {.name = "no_clip", .what = "gradients are not clipped", .class = FAULT_OPT, .kind = FAULT_NO_CLIP,
     .flags = FAULT_ROOT_CAUSE | FAULT_FROM_START, EVERYWHERE},

    {.name = "late_bucket", .what = "one bucket arrives a step late", .class = FAULT_COMM, .kind = FAULT_LATE_BUCKET,
     .flags = FAULT_ROOT_CAUSE | FAULT_ONE_GROUP, .onset = 60, .shard = -1, .group = 1},
    {.name = "stale_shard", .what = "one shard delivers the same gradient again and again", .class = FAULT_HW,
     .kind = FAULT_STALE_SHARD, .flags = BOTH | FAULT_ONE_SHARD, .onset = 100, .shard = 1, .group = -1},
    {.name = "flipped_weight", .what = "bit 30 of a weight flips in one replica", .class = FAULT_HW,
     .kind = FAULT_FLIPPED_WEIGHT, .flags = BOTH | FAULT_ONE_SHARD | FAULT_ONE_GROUP, .onset = 150, .shard = 2,
     .group = 1},
    {.name = "garbage_bucket", .what = "noise arrives in place of one shard's bucket", .class = FAULT_HW,
     .kind = FAULT_GARBAGE_BUCKET, .flags = BOTH | FAULT_ONE_SHARD | FAULT_ONE_GROUP, .onset = 150, .duration = 10,
     .shard = 1, .group = 2, .amplitude = 20},
    {.name = "flipped_gradient", .what = "bit 30 of a gradient flips on the way, once", .class = FAULT_HW,
     .kind = FAULT_FLIPPED_GRADIENT, .flags = BOTH | FAULT_ONE_SHARD | FAULT_ONE_GROUP, .onset = 150, .duration = 1,
     .shard = 1, .group = 1},
    {.name = "wrong_compute", .what = "one shard computes noise for one bucket, and its checksum is right",
     .class = FAULT_HW, .kind = FAULT_WRONG_COMPUTE, .flags = FAULT_FAMILY | FAULT_ONE_SHARD | FAULT_ONE_GROUP,
     .onset = 150, .duration = 10, .shard = 1, .group = 1, .amplitude = 20},
    {.name = "dropped_shard", .what = "one shard contributes zeros", .class = FAULT_HW, .kind = FAULT_DROPPED_SHARD,
     .flags = BOTH | FAULT_ONE_SHARD, .onset = 150, .shard = 1, .group = -1},

    {.name = "overflow_kept", .what = "a step that overflows is not skipped", .class = FAULT_NUM,
     .kind = FAULT_OVERFLOW_KEPT, .flags = BOTH | FAULT_FROM_START | FAULT_NEEDS_FP16, EVERYWHERE},
    {.name = "scale_up", .what = "an overflow doubles the loss scale", .class = FAULT_NUM, .kind = FAULT_SCALE_UP,
     .flags = BOTH | FAULT_FROM_START | FAULT_NEEDS_FP16, EVERYWHERE},
    {.name = "bfloat_weights", .what = "weights are stored in bfloat16, without a float32 copy", .class = FAULT_NUM,
     .kind = FAULT_BFLOAT_WEIGHTS, .flags = BOTH | FAULT_FROM_START, EVERYWHERE},
    {.name = "unscaled_attention", .what = "attention without the division by sqrt(head width)", .class = FAULT_NUM,
     .kind = FAULT_UNSCALED_ATTENTION, .flags = FAULT_ROOT_CAUSE | FAULT_FROM_START, EVERYWHERE},
    {.name = "target_leak", .what = "the target is in plain sight", .class = FAULT_MODEL, .kind = FAULT_TARGET_LEAK,
     .flags = FAULT_ROOT_CAUSE | FAULT_FROM_START, EVERYWHERE},
};

const struct fault *faults_list(size_t *count) {
    *count = sizeof catalogue / sizeof catalogue[0];
    return catalogue;
}

const struct fault *faults_find(const char *name) {
    for (size_t i = 0; i < sizeof catalogue / sizeof catalogue[0]; i++)
        if (!strcmp(catalogue[i].name, name))
            return &catalogue[i];
    return NULL;
}

struct fault faults_place(const struct fault *entry, uint64_t seed, int64_t first, int64_t last,
                          const struct train_config *config) {
    enum { PURPOSE_PLACE = 7 };
    struct philox draw = philox_stream(seed, 0, PURPOSE_PLACE);
    struct fault f = *entry;
    f.seed = (uint64_t)philox_next(&draw) << 32;
    f.seed |= philox_next(&draw);
    uint32_t onset = philox_below(&draw, (uint32_t)(last - first + 1));
    uint32_t shard = philox_below(&draw, (uint32_t)config->shards);
    /* A flipped weight is one of a block. */
    uint32_t lowest = f.kind == FAULT_FLIPPED_WEIGHT ? 1 : 0;
    uint32_t group = lowest + philox_below(&draw, (uint32_t)config->dims.layers + 1 - lowest);
    if (!(f.flags & FAULT_FROM_START))
        f.onset = first + onset;
    if (f.flags & FAULT_ONE_SHARD)
        f.shard = (int32_t)shard;
    if (f.flags & FAULT_ONE_GROUP)
        f.group = (int32_t)group;
    return f;
}

void faults_prepare(const struct fault *fault, struct train_config *config, struct corpus *corpus, double *loss_scale) {
    if (corpus && fault->flags & FAULT_NEEDS_SORTED)
        corpus->sorted = true;
    if (fault->flags & FAULT_NEEDS_EARLY_END)
        config->schedule.decay_steps = fault->onset;
    if (fault->flags & FAULT_NEEDS_FP16) {
        /* The scale grows until gradients overflow, and then every few dozen steps. */
        config->fp16 = true;
        config->growth_interval = 50;
        *loss_scale = 0x1p16;
    }
}
