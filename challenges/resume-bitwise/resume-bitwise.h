/* SPDX-License-Identifier: MIT */
/* The contract of a training run that is cut into segments, each of them a job of its own. README.md tells why, and
 * has the model; here is everything that has to be kept to the bit.
 *
 * All arrays are row-major without padding, aligned to their element, and do not overlap. No pointer is NULL unless its
 * array has no elements. Every element of every output is written. */
#ifndef RESUME_BITWISE_H
#define RESUME_BITWISE_H

#include <stdint.h>

struct resume_config {
    /* The model predicts a token from the `context` tokens before it. The flat vector of its N parameters is
     * embedding [vocab][width], w1 [context*width][hidden], b1 [hidden], w2 [hidden][vocab], b2 [vocab]. */
    int32_t vocab; /* at most 256: tokens are bytes */
    int32_t context, width, hidden;
    int32_t tokens; /* of the text, more than context */

    /* This call. */
    int32_t micro;   /* micro-steps to train, may be 0 */
    int32_t stages;  /* of the job, for its log */
    int32_t attempt; /* this is start number `attempt` of the job, from 0; for its log */
    int32_t version; /* of the checkpoint's format: what was written under another version is refused */

    /* The rest may change from segment to segment; what is set now holds from here on. */
    int32_t batch;      /* samples of a micro-step, a multiple of shards */
    int32_t shards;     /* data-parallel replicas among which a micro-step's samples are dealt */
    int32_t accumulate; /* micro-steps whose gradients make one step; the same in all segments of a run */
    int32_t warmup, decay_steps;
    float lr_peak, lr_min;
    float beta2, weight_decay;
    float clip;
    int32_t drop16;          /* dropout: a hidden unit is dropped with probability drop16/65536 */
    int32_t fp16;            /* 1: gradients are rounded to binary16 under a loss scale */
    int32_t scale_log2;      /* a run starts with the loss scale 2^scale_log2 */
    int32_t growth_interval; /* so many good steps in a row double the loss scale */
    int64_t seed;            /* of a run's two generators when it starts */
};

/* ---- random numbers: two generators, of the state 2*seed (shuffling) and 2*seed+1 (dropout) ---- */

struct resume_random {
    uint64_t state;
    uint64_t word; /* bits that are left of the last output */
    int32_t left;  /* how many times 16 of them */
};

static inline struct resume_random resume_random_start(uint64_t state) {
    struct resume_random random = {state, 0, 0};
    return random;
}

/* 16 bits; SplitMix64 gives four times as many at once. */
static inline uint32_t resume_random_next(struct resume_random *random) {
    if (random->left == 0) {
        uint64_t z = random->state += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        random->word = z ^ z >> 31;
        random->left = 4;
    }
    const uint32_t bits = random->word & 0xffff;
    random->word >>= 16;
    random->left--;
    return bits;
}

/* ---- sizes ---- */

static inline int64_t resume_parameters(const struct resume_config *p) {
    const int64_t v = p->vocab, d = p->width, h = p->hidden;
    return v * d + p->context * d * h + h + h * v + v;
}

/* Window w of the text is its tokens w*context .. w*context+context, of which the last one is to be predicted. */
static inline int64_t resume_windows(const struct resume_config *p) {
    return (p->tokens - 1) / p->context;
}

/* Bytes of a checkpoint buffer: twice what the state fills, and some. */
static inline int64_t resume_capacity(const struct resume_config *p) {
    return 32 * resume_parameters(p) + 8 * resume_windows(p) + 1024;
}

/* ---- the run ----
 *
 * A run starts with params = initial, m = v = g = 0 (g collects gradients), order = 0 1 2 .. windows-1,
 * position = windows, the two generators, the loss scale, and all counters 0. A micro-step is:
 *
 *   1. `batch` times: if position == windows, then shuffle, epoch += 1, position = 0; sample window order[position++].
 *      Shuffle rearranges the order as it is:
 *          for i = windows-1 .. 1: j = ((a*65536 + b) * (i+1)) >> 32, swap order[i] and order[j],
 *      with a, then b, drawn from the first generator.
 *   2. For each sample and each hidden unit, in this order, draw 16 bits from the second generator: the unit is kept if
 *      bits >= drop16, and then multiplied by 65536/(65536-drop16). They are drawn if drop16 is 0, too.
 *   3. loss[i] = mean of -log softmax(logits)[target] over the batch. Shard s has the samples s*batch/shards and on;
 *      its gradient is that of the mean over its samples. If fp16, it is multiplied by the loss scale and rounded to
 *      binary16 (to nearest even, overflow to infinity). The mean of the shards' gradients is added to g.
 *   4. Every `accumulate` micro-steps a step is completed: g is divided by accumulate and, if fp16, by the loss scale.
 *      - If fp16 and an element of g is not finite, the step is skipped: scale_log2 -= 1, good = 0. If fp16 and all
 *        are finite, good += 1, and if that makes growth_interval, scale_log2 += 1 and good = 0.
 *      - If it is not skipped: if |g| > clip, g *= clip/|g|. Then updates += 1 and
 *          m = 0.9*m + 0.1*g     v = beta2*v + (1-beta2)*g^2
 *          w = w - lr*( (m/(1-0.9^updates)) / (sqrt(v/(1-beta2^updates)) + 1e-5) + weight_decay*w ),
 *        where weight_decay is 0 for b1 and b2, and lr is that of the number of steps completed before, s:
 *          s < warmup: lr_peak*(s+1)/warmup;  otherwise lr_min + (lr_peak-lr_min)/2*(1+cos(pi*x)),
 *          x = min(1, (s-warmup)/max(1, decay_steps-warmup)).
 *      - In any case steps += 1 and g = 0. */

enum resume_status {
    RESUME_STARTED,   /* there was no checkpoint: checkpoint_in_bytes[0] is 0 */
    RESUME_CONTINUED, /* the run goes on where the checkpoint was written */
    RESUME_REFUSED    /* there was one, and it is not to be trusted: the run starts over, as if there had been none */
};

enum resume_counter {
    RESUME_BEGAN,      /* micro-steps of the run before this call: 0, unless it was continued */
    RESUME_MICRO,      /* micro-steps of the run after this call, and so on */
    RESUME_STEPS,      /* completed, with those that were skipped */
    RESUME_UPDATES,    /* completed and not skipped */
    RESUME_EPOCH,      /* shuffles */
    RESUME_POSITION,   /* samples of this epoch */
    RESUME_SCALE_LOG2, /* as it started, if not fp16 */
    RESUME_GOOD,
    RESUME_COUNTERS
};

/* Trains p->micro micro-steps from the checkpoint, or from the start, and writes a checkpoint.
 *
 *   corpus [tokens]  initial [N]: read when a run starts
 *   checkpoint_in [resume_capacity(p)], checkpoint_in_bytes [1]
 *       what a call before, perhaps in another process, has written to the next two; or that after an accident: any
 *       bytes and any number of them. Exactly what was written, as much as was written, is continued: any other byte,
 *       fewer or more of them, or another p->version is refused.
 *   checkpoint_out [resume_capacity(p)], checkpoint_out_bytes [1]
 *       a format of your own. The same state gives the same bytes: always, in any process. Bytes behind the end are 0.
 *   status [1]: enum resume_status      counters [RESUME_COUNTERS]: enum resume_counter
 *   loss [micro]: of each micro-step of this call      params [N]: after it
 *
 * However a run is cut into segments, its losses and parameters have the same bits as those of one that is not cut.
 * Returns 0. */
int train_segment(const struct resume_config *p, const uint8_t *corpus, const float *initial,
                  const uint8_t *checkpoint_in, const int64_t *checkpoint_in_bytes, uint8_t *checkpoint_out,
                  int64_t *checkpoint_out_bytes, int32_t *status, int64_t *counters, float *loss, float *params);

#endif
