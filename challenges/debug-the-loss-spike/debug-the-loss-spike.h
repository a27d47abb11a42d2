/* SPDX-License-Identifier: MIT */
/* The contract of a small data-parallel training run: what each part of it computes, and the wire that its gradients
 * travel over. README.md has the mathematics with the reasons.
 *
 * All arrays are row-major without padding, aligned to their element, and do not overlap. No pointer is NULL unless its
 * array has no elements. Every output is written completely. Every function returns 0. */
#ifndef DEBUG_THE_LOSS_SPIKE_H
#define DEBUG_THE_LOSS_SPIKE_H

#include <stdint.h>
#include <string.h>

/* A GPT: pre-norm blocks, learned positions. The flat vector of its N parameters holds, in this order,
 *
 *   token embedding [vocab][width], position embedding [time][width]
 *   for each block  ln1 gain, bias [width]    qkv weight [width][3*width], bias [3*width]
 *                                             proj weight [width][width], bias [width]
 *                   ln2 gain, bias [width]    fc weight [width][hidden], bias [hidden]
 *                                             out weight [hidden][width], bias [width]
 *   final ln gain, bias [width]
 *   head [vocab][width], only if it is not tied to the token embedding
 *
 * and gradients and moments have the same layout. Weights are [in][out]: y = x W + b. */
struct train_model {
    int32_t vocab;  /* at most 256: tokens are bytes */
    int32_t time;   /* tokens of a window */
    int32_t width;  /* a multiple of heads */
    int32_t layers; /* >= 1 */
    int32_t heads;
    int32_t hidden; /* of the two-layer perceptron in a block */
    int32_t tied;   /* 1: the token embedding is the head as well; 0: the head has weights of its own */
};

struct train_schedule {
    int32_t warmup;      /* steps of linear rise, may be 0 */
    int32_t decay_steps; /* the step at which lr_min is reached, from there on it stays */
    float lr_peak, lr_min;
};

struct train_adam {
    float beta1, beta2, eps;
    float weight_decay; /* decoupled, on every matrix (embeddings too) and on no gain or bias */
};

struct train_setup {
    int32_t shards;     /* data-parallel replicas */
    int32_t batch;      /* windows of one shard in one step */
    int32_t tokens;     /* in the corpus of one shard, more than time */
    int32_t start_step; /* steps, and updates, that were made before this run */
    int32_t steps;      /* of this run: start_step .. start_step+steps-1 */
    float clip;         /* largest norm of a step's gradient, > 0 */
    float loss_scale;   /* at the start; 0: gradients travel as float32, > 0: as binary16 under a loss scale */
    int32_t scale_growth_interval; /* so many good steps in a row double the loss scale */
    int32_t damages;               /* rows of `damage` */
    int32_t snapshots;             /* elements of `snapshot_step` */
};

enum train_cause {
    TRAIN_CAUSE_NONE,
    TRAIN_CAUSE_DATA,      /* the loader gave wrong tokens */
    TRAIN_CAUSE_LR,        /* the learning rate was not the one of the schedule */
    TRAIN_CAUSE_HARDWARE,  /* numbers were damaged on their way or in memory */
    TRAIN_CAUSE_OPTIMISER, /* clipping, moments or the update itself */
    TRAIN_CAUSE_NUMERICS,  /* overflow, loss scale, precision */
    TRAIN_CAUSE_MODEL      /* the forward or the backward pass */
};

/* ---- the parts ---- */

/* lr[i] = learning rate of the global, 0-based step[i] >= 0, for each i < n:
 *
 *   step < warmup:  lr_peak * (step+1) / warmup
 *   otherwise:      lr_min + (lr_peak-lr_min)/2 * (1 + cos(pi*p)),
 *                   p = min(1, (step-warmup) / max(1, decay_steps-warmup)) */
int train_lr(const struct train_schedule *schedule, int32_t n, const int32_t *step, float *lr);

/* The windows of `shard` in `step`. With W = (tokens-1)/time whole windows in a shard's corpus c, sample
 * i = step*batch + k is window w = (i*stride) mod W, where stride is the smallest odd number >= 0.618*W that has no
 * common divisor with W (1 if W < 3). Products do not overflow: i and stride count in 64 bits.
 *
 *   x[k][t] = c[w*time + t],  y[k][t] = c[w*time + t+1]
 *
 *   corpus [shards][tokens]  x, y [batch][time] */
int train_batch(int32_t shards, int32_t tokens, int32_t time, int32_t batch, int32_t shard, int32_t step,
                const uint8_t *corpus, int32_t *x, int32_t *y);

/* loss[0] = mean over the rows of -log softmax(logits[row])[target[row]], in nats; dlogits = its gradient. Logits of
 * +-300 and rows whose softmax underflows are ordinary inputs.
 *
 *   logits, dlogits [rows][vocab]  target [rows], 0 <= target < vocab  loss [1] */
int train_loss(int32_t rows, int32_t vocab, const float *logits, const int32_t *target, float *loss, float *dlogits);

/* loss[0] = mean loss of `batch` windows, grads = its gradient by all parameters.
 *
 *   params, grads [N]  x, y [batch][time]  loss [1] */
int train_grad(const struct train_model *model, int32_t batch, const float *params, const int32_t *x, const int32_t *y,
               float *loss, float *grads);

/* norm[0] = sqrt(sum of grads^2); if it is larger than clip, every gradient is multiplied by clip/norm. The squares may
 * be too large or too small for a float32, the norm is not, and a running sum in float32 is not accurate enough.
 *
 *   grads [n]  norm [1] */
int train_clip(int32_t n, float clip, float *grads, float *norm);

/* Update number `updates` (the very first has 1) of AdamW on the whole vector of parameters:
 *
 *   m = beta1*m + (1-beta1)*g,  v = beta2*v + (1-beta2)*g^2
 *   w = w - lr * ( (m/(1-beta1^updates)) / (sqrt(v/(1-beta2^updates)) + eps) + weight_decay*w ),
 *
 * where the last term is there for matrices only.
 *
 *   grads, params, m, v [N] */
int train_adamw(const struct train_model *model, const struct train_adam *adam, float lr, int32_t updates,
                const float *grads, float *params, float *m, float *v);

/* The mean over shards of what arrived intact. Shard s sent a bucket whose train_crc32 was sent_crc[s]; attempt a of
 * its delivery is deliveries[a][s]. The first attempt that has the right crc is accepted. A shard none of whose
 * attempts is intact has accepted[s] = -1 and is left out of the mean (0, if no shard is left).
 *
 *   deliveries [attempts][shards][n]  sent_crc [shards], 0 .. 2^32-1  mean [n]  accepted [shards] */
int train_reduce(int32_t attempts, int32_t shards, int32_t n, const float *deliveries, const int64_t *sent_crc,
                 float *mean, int32_t *accepted);

/* ---- the run ---- */

/* Steps start_step .. start_step+steps-1. Each step:
 *
 *   1. every shard computes loss and gradient of its batch (train_batch, train_grad). The loss of the step is the mean
 *      over shards;
 *   2. with loss_scale > 0 its gradient is multiplied by the current loss scale and rounded to binary16, to nearest
 *      even; what is 65520 or more becomes infinite;
 *   3. each bucket of each shard goes over the wire below, again and again until its crc is right, and is averaged over
 *      the shards, in their order (train_reduce);
 *   4. with loss_scale > 0: the mean is divided by the loss scale. If any element is infinite or NaN, parameters,
 *      moments and the number of updates stay as they are, the loss scale is halved, and the count of good steps
 *      becomes 0. Otherwise that count rises, and when it is scale_growth_interval the loss scale is doubled and the
 *      count becomes 0 (after this step; at the start of the run it is 0);
 *   5. train_clip, then train_adamw with the lr of the global step; updates = start_step + the updates of this run.
 *
 *   corpus        [shards][tokens]
 *   damage        [damages][5]     what the wire does, see below
 *   snapshot_step [snapshots]      0 <= snapshot_step <= steps, counted from the start of this run, in any order
 *   params, m, v  [N]              in: at the start, out: at the end
 *   loss          [steps]          of the step, before its update
 *   shard_loss    [steps][shards]
 *   snapshot      [snapshots][N]   the parameters after snapshot_step[k] steps of this run: those at the start for 0,
 *                                  those at the end for `steps`
 *   probe_logits  [snapshots][time][vocab]  of the first `time` tokens of shard 0, with a snapshot's parameters */
int train_run(const struct train_model *model, const struct train_schedule *schedule, const struct train_adam *adam,
              const struct train_setup *setup, const uint8_t *corpus, const int32_t *damage,
              const int32_t *snapshot_step, float *params, float *m, float *v, float *loss, float *shard_loss,
              float *snapshot, float *probe_logits);

/* What went wrong in the run of incident.csv, in the order of README.md; incident 0 is its worked example. cause is an
 * enum train_cause; first_step is the first step that is not as it should be (2 off is near enough), shard the replica
 * that is to blame or -1 if they all are.
 *
 *   cause, first_step, shard [incidents] */
int incident_report(int32_t incidents, int32_t *cause, int32_t *first_step, int32_t *shard);

/* ---- the wire ---- */

enum { TRAIN_ATTEMPTS = 4 }; /* one of the first four deliveries of a bucket is always intact */

enum train_wire_damage {
    TRAIN_WIRE_FLIP,  /* one bit of one element comes out wrong */
    TRAIN_WIRE_STALE, /* nothing arrives: the receiver's buffer holds what it held */
    TRAIN_WIRE_ZEROS  /* zeros arrive */
};

/* Gradients travel in buckets, which are pieces of the flat vector: bucket 0 the embeddings, 1 .. layers the blocks,
 * layers+1 the final norm, and an untied head comes last. */
static inline int32_t train_buckets(const struct train_model *model)
{
    return model->layers + 2 + (model->tied ? 0 : 1);
}

/* Where a bucket begins; train_bucket_begin(model, train_buckets(model)) is N. */
static inline int64_t train_bucket_begin(const struct train_model *model, int32_t bucket)
{
    const int64_t d = model->width, f = model->hidden, blocks = bucket - 1 < model->layers ? bucket - 1 : model->layers;
    const int64_t block = 3 * d * d + 3 * d + d * d + d + d * f + f + f * d + d + 4 * d;

    if (bucket == 0)
        return 0;
    return (model->vocab + model->time) * d + blocks * block + (bucket > model->layers + 1 ? 2 * d : 0) +
           (bucket > model->layers + 2 ? model->vocab * d : 0);
}

/* The crc of Ethernet and zlib (polynomial 0x04c11db7, reflected) over n bytes. */
static inline uint32_t train_crc32(const void *bytes, int64_t n)
{
    static const uint32_t table[256] = {
        0x00000000, 0x77073096, 0xee0e612c, 0x990951ba, 0x076dc419, 0x706af48f, 0xe963a535, 0x9e6495a3, 0x0edb8832,
        0x79dcb8a4, 0xe0d5e91e, 0x97d2d988, 0x09b64c2b, 0x7eb17cbd, 0xe7b82d07, 0x90bf1d91, 0x1db71064, 0x6ab020f2,
        0xf3b97148, 0x84be41de, 0x1adad47d, 0x6ddde4eb, 0xf4d4b551, 0x83d385c7, 0x136c9856, 0x646ba8c0, 0xfd62f97a,
        0x8a65c9ec, 0x14015c4f, 0x63066cd9, 0xfa0f3d63, 0x8d080df5, 0x3b6e20c8, 0x4c69105e, 0xd56041e4, 0xa2677172,
        0x3c03e4d1, 0x4b04d447, 0xd20d85fd, 0xa50ab56b, 0x35b5a8fa, 0x42b2986c, 0xdbbbc9d6, 0xacbcf940, 0x32d86ce3,
        0x45df5c75, 0xdcd60dcf, 0xabd13d59, 0x26d930ac, 0x51de003a, 0xc8d75180, 0xbfd06116, 0x21b4f4b5, 0x56b3c423,
        0xcfba9599, 0xb8bda50f, 0x2802b89e, 0x5f058808, 0xc60cd9b2, 0xb10be924, 0x2f6f7c87, 0x58684c11, 0xc1611dab,
        0xb6662d3d, 0x76dc4190, 0x01db7106, 0x98d220bc, 0xefd5102a, 0x71b18589, 0x06b6b51f, 0x9fbfe4a5, 0xe8b8d433,
        0x7807c9a2, 0x0f00f934, 0x9609a88e, 0xe10e9818, 0x7f6a0dbb, 0x086d3d2d, 0x91646c97, 0xe6635c01, 0x6b6b51f4,
        0x1c6c6162, 0x856530d8, 0xf262004e, 0x6c0695ed, 0x1b01a57b, 0x8208f4c1, 0xf50fc457, 0x65b0d9c6, 0x12b7e950,
        0x8bbeb8ea, 0xfcb9887c, 0x62dd1ddf, 0x15da2d49, 0x8cd37cf3, 0xfbd44c65, 0x4db26158, 0x3ab551ce, 0xa3bc0074,
        0xd4bb30e2, 0x4adfa541, 0x3dd895d7, 0xa4d1c46d, 0xd3d6f4fb, 0x4369e96a, 0x346ed9fc, 0xad678846, 0xda60b8d0,
        0x44042d73, 0x33031de5, 0xaa0a4c5f, 0xdd0d7cc9, 0x5005713c, 0x270241aa, 0xbe0b1010, 0xc90c2086, 0x5768b525,
        0x206f85b3, 0xb966d409, 0xce61e49f, 0x5edef90e, 0x29d9c998, 0xb0d09822, 0xc7d7a8b4, 0x59b33d17, 0x2eb40d81,
        0xb7bd5c3b, 0xc0ba6cad, 0xedb88320, 0x9abfb3b6, 0x03b6e20c, 0x74b1d29a, 0xead54739, 0x9dd277af, 0x04db2615,
        0x73dc1683, 0xe3630b12, 0x94643b84, 0x0d6d6a3e, 0x7a6a5aa8, 0xe40ecf0b, 0x9309ff9d, 0x0a00ae27, 0x7d079eb1,
        0xf00f9344, 0x8708a3d2, 0x1e01f268, 0x6906c2fe, 0xf762575d, 0x806567cb, 0x196c3671, 0x6e6b06e7, 0xfed41b76,
        0x89d32be0, 0x10da7a5a, 0x67dd4acc, 0xf9b9df6f, 0x8ebeeff9, 0x17b7be43, 0x60b08ed5, 0xd6d6a3e8, 0xa1d1937e,
        0x38d8c2c4, 0x4fdff252, 0xd1bb67f1, 0xa6bc5767, 0x3fb506dd, 0x48b2364b, 0xd80d2bda, 0xaf0a1b4c, 0x36034af6,
        0x41047a60, 0xdf60efc3, 0xa867df55, 0x316e8eef, 0x4669be79, 0xcb61b38c, 0xbc66831a, 0x256fd2a0, 0x5268e236,
        0xcc0c7795, 0xbb0b4703, 0x220216b9, 0x5505262f, 0xc5ba3bbe, 0xb2bd0b28, 0x2bb45a92, 0x5cb36a04, 0xc2d7ffa7,
        0xb5d0cf31, 0x2cd99e8b, 0x5bdeae1d, 0x9b64c2b0, 0xec63f226, 0x756aa39c, 0x026d930a, 0x9c0906a9, 0xeb0e363f,
        0x72076785, 0x05005713, 0x95bf4a82, 0xe2b87a14, 0x7bb12bae, 0x0cb61b38, 0x92d28e9b, 0xe5d5be0d, 0x7cdcefb7,
        0x0bdbdf21, 0x86d3d2d4, 0xf1d4e242, 0x68ddb3f8, 0x1fda836e, 0x81be16cd, 0xf6b9265b, 0x6fb077e1, 0x18b74777,
        0x88085ae6, 0xff0f6a70, 0x66063bca, 0x11010b5c, 0x8f659eff, 0xf862ae69, 0x616bffd3, 0x166ccf45, 0xa00ae278,
        0xd70dd2ee, 0x4e048354, 0x3903b3c2, 0xa7672661, 0xd06016f7, 0x4969474d, 0x3e6e77db, 0xaed16a4a, 0xd9d65adc,
        0x40df0b66, 0x37d83bf0, 0xa9bcae53, 0xdebb9ec5, 0x47b2cf7f, 0x30b5ffe9, 0xbdbdf21c, 0xcabac28a, 0x53b39330,
        0x24b4a3a6, 0xbad03605, 0xcdd70693, 0x54de5729, 0x23d967bf, 0xb3667a2e, 0xc4614ab8, 0x5d681b02, 0x2a6f2b94,
        0xb40bbe37, 0xc30c8ea1, 0x5a05df1b, 0x2d02ef8d};
    const unsigned char *at = bytes;
    uint32_t crc = 0xffffffffu;

    for (int64_t i = 0; i < n; i++)
        crc = crc >> 8 ^ table[(crc ^ at[i]) & 255];
    return ~crc;
}

/* Carries n floats of `sent` to `received`, and does to them what a row {step, shard, bucket, attempt, kind} of
 * `damage` says for this delivery. Attempts count from 0. */
static inline void train_wire(int32_t damages, const int32_t *damage, int32_t step, int32_t shard, int32_t bucket,
                              int32_t attempt, int64_t n, const float *sent, float *received)
{
    for (int32_t i = 0; i < damages; i++) {
        const int32_t *row = damage + 5 * (int64_t)i;
        if (row[0] != step || row[1] != shard || row[2] != bucket || row[3] != attempt)
            continue;
        if (row[4] == TRAIN_WIRE_STALE)
            return;
        memcpy(received, sent, (size_t)n * sizeof *sent);
        if (row[4] == TRAIN_WIRE_ZEROS) {
            memset(received, 0, (size_t)n * sizeof *sent);
        } else {
            unsigned char *bits = (unsigned char *)received;
            const uint64_t bit =
                ((uint64_t)(uint32_t)step * 7919 + (uint64_t)(uint32_t)attempt * 101) % ((uint64_t)n * 32);
            bits[bit / 8] = (unsigned char)(bits[bit / 8] ^ 1u << bit % 8);
        }
        return;
    }
    memcpy(received, sent, (size_t)n * sizeof *sent);
}

#endif
