/* SPDX-License-Identifier: MIT */
/* oneDNN's side of the peer bench: what its primitives cover, composed as a user of its C interface would. A status
 * other than success ends the run: a peer that quietly did nothing would look fast. */
#include <assert.h>
#include <math.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/peers.h"

enum { STEPS = 48, ARGUMENTS = 10, MEMORIES = 128, MOVING = 64, OWN = 32, QUERIES = 256 };

struct step {
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t argument[ARGUMENTS];
    int arguments;
};

/* The steps run once for each of `repeats` parts of the arrays, then `finish` does what no primitive does. */
struct peers_plan {
    const struct peers_problem *problem;
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    struct step step[STEPS];
    size_t steps, memories, repeats;
    dnnl_memory_t memory[MEMORIES];
    void (*before)(struct peers_plan *plan, size_t repeat);
    void (*finish)(const struct peers_plan *plan);
    struct {
        dnnl_memory_t memory;
        float *first; /* where it is in the first repeat */
    } moving[MOVING];
    size_t movings, owns;
    float *own[OWN]; /* arrays that only oneDNN needs */
};

#define must(call) must_be((call), #call)

static void must_be(dnnl_status_t status, const char *call) {
    if (status == dnnl_success)
        return;
    fprintf(stderr, "bench_peers: oneDNN answers %d to %s\n", (int)status, call);
    exit(2);
}

const char *peers_dnnl_version(void) {
    static char text[40];
    const dnnl_version_t *version = dnnl_version();
    snprintf(text, sizeof text, "oneDNN %d.%d.%d", version->major, version->minor, version->patch);
    return text;
}

/* The interface wants arrays of its own size, of which it reads `ndims`. */
static dnnl_memory_desc_t describe(int ndims, dnnl_dim_t rows, dnnl_dim_t columns, dnnl_format_tag_t tag) {
    dnnl_memory_desc_t desc;
    dnnl_dims_t dims = {rows, columns};
    must(dnnl_memory_desc_init_by_tag(&desc, ndims, dims, dnnl_f32, tag));
    return desc;
}

static dnnl_memory_desc_t vector(size_t n) {
    return describe(1, (dnnl_dim_t)n, 0, dnnl_a);
}

static dnnl_memory_desc_t matrix(size_t rows, size_t columns) {
    return describe(2, (dnnl_dim_t)rows, (dnnl_dim_t)columns, dnnl_ab);
}

static dnnl_memory_t hold(struct peers_plan *plan, const dnnl_memory_desc_t *desc, void *data) {
    dnnl_memory_t memory;
    assert(plan->memories < MEMORIES);
    must(dnnl_memory_create(&memory, desc, plan->engine, data));
    plan->memory[plan->memories++] = memory;
    return memory;
}

/* Takes the primitive of `desc` (any operation descriptor) as the next step. */
static struct step *add_step(struct peers_plan *plan, const_dnnl_op_desc_t desc, const_dnnl_primitive_attr_t attr,
                             const_dnnl_primitive_desc_t hint) {
    assert(plan->steps < STEPS);
    struct step *step = &plan->step[plan->steps++];
    dnnl_primitive_desc_t chosen;
    must(dnnl_primitive_desc_create(&chosen, desc, attr, plan->engine, hint));
    must(dnnl_primitive_create(&step->primitive, chosen));
    must(dnnl_primitive_desc_destroy(chosen));
    return step;
}

static void give(struct step *step, int which, dnnl_memory_t memory) {
    step->argument[step->arguments++] = (dnnl_exec_arg_t){which, memory};
}

static float *own(struct peers_plan *plan, size_t count) {
    float *array = malloc(count * sizeof *array);
    if (array == NULL)
        exit(2);
    assert(plan->owns < OWN);
    plan->own[plan->owns++] = array;
    return array;
}

static dnnl_memory_t moving(struct peers_plan *plan, const dnnl_memory_desc_t *desc, float *first) {
    dnnl_memory_t memory = hold(plan, desc, first);
    assert(plan->movings < MOVING);
    plan->moving[plan->movings].memory = memory;
    plan->moving[plan->movings++].first = first;
    return memory;
}

static void attention_before(struct peers_plan *plan, size_t repeat) {
    const size_t *dim = plan->problem->dim, part = dim[2] * dim[3];
    for (size_t i = 0; i < plan->movings; i++)
        must(dnnl_memory_set_data_handle(plan->moving[i].memory, plan->moving[i].first + repeat * part));
}

/* The product of queries and keys, with the mask added to it. */
static dnnl_memory_t add_logits(struct peers_plan *plan, size_t first, size_t rows, size_t keys) {
    const size_t d = plan->problem->dim[3];
    const dnnl_memory_desc_t query = matrix(rows, d), logits = matrix(rows, keys);
    const dnnl_memory_desc_t key = describe(2, (dnnl_dim_t)d, (dnnl_dim_t)keys, dnnl_ba);
    const float scale = 1 / sqrtf((float)d);
    float *mask = own(plan, rows * keys), *q = peers_at(plan->problem, 0);
    dnnl_memory_t to = hold(plan, &logits, own(plan, rows * keys));
    dnnl_matmul_desc_t product;
    dnnl_primitive_attr_t attr;
    dnnl_post_ops_t post;
    for (size_t i = 0; i < rows * keys; i++)
        mask[i] = i % keys > first + i / keys ? -INFINITY : 0;
    must(dnnl_primitive_attr_create(&attr));
    must(dnnl_primitive_attr_set_output_scales(attr, 1, 0, &scale));
    must(dnnl_post_ops_create(&post));
    must(dnnl_post_ops_append_binary(post, dnnl_binary_add, &logits));
    must(dnnl_primitive_attr_set_post_ops(attr, post));
    must(dnnl_matmul_desc_init(&product, &query, &key, NULL, &logits));
    struct step *step = add_step(plan, &product, attr, NULL);
    give(step, DNNL_ARG_SRC, moving(plan, &query, q + first * d));
    give(step, DNNL_ARG_WEIGHTS, moving(plan, &key, peers_at(plan->problem, 1)));
    give(step, DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1, hold(plan, &logits, mask));
    give(step, DNNL_ARG_DST, to);
    must(dnnl_post_ops_destroy(post));
    must(dnnl_primitive_attr_destroy(attr));
    return to;
}

static void add_weighted_values(struct peers_plan *plan, size_t first, size_t rows, size_t keys, dnnl_memory_t logits) {
    const size_t d = plan->problem->dim[3];
    const dnnl_memory_desc_t weights = matrix(rows, keys), value = matrix(keys, d), out = matrix(rows, d);
    float *o = peers_at(plan->problem, 3);
    dnnl_softmax_desc_t softmax;
    dnnl_matmul_desc_t product;
    must(dnnl_softmax_forward_desc_init(&softmax, dnnl_forward_inference, &weights, 1));
    struct step *step = add_step(plan, &softmax, NULL, NULL);
    give(step, DNNL_ARG_SRC, logits);
    give(step, DNNL_ARG_DST, logits);
    must(dnnl_matmul_desc_init(&product, &weights, &value, NULL, &out));
    step = add_step(plan, &product, NULL, NULL);
    give(step, DNNL_ARG_SRC, logits);
    give(step, DNNL_ARG_WEIGHTS, moving(plan, &value, peers_at(plan->problem, 2)));
    give(step, DNNL_ARG_DST, moving(plan, &out, o + first * d));
}

/* Head by head in blocks of queries, each with the keys up to its end: the mask hides little of what is computed. */
static void attention_open(struct peers_plan *plan) {
    const size_t *dim = plan->problem->dim, t = dim[2];
    for (size_t first = 0; first < t; first += QUERIES) {
        const size_t rows = t - first < QUERIES ? t - first : QUERIES;
        add_weighted_values(plan, first, rows, first + rows, add_logits(plan, first, rows, first + rows));
    }
    plan->repeats = dim[0] * dim[1];
    plan->before = attention_before;
}

static const unsigned both = dnnl_use_scale | dnnl_use_shift;

static void layernorm_fwd_finish(const struct peers_plan *plan) {
    float *rstd = peers_at(plan->problem, 5);
    for (size_t r = 0; r < plan->problem->dim[0]; r++)
        rstd[r] = 1 / sqrtf(rstd[r] + 1e-5f);
}

/* The variance goes where the inverse deviation is wanted. */
static void layernorm_fwd_open(struct peers_plan *plan) {
    static const int which[] = {DNNL_ARG_SRC, DNNL_ARG_SCALE, DNNL_ARG_SHIFT,
                                DNNL_ARG_DST, DNNL_ARG_MEAN,  DNNL_ARG_VARIANCE};
    const size_t *dim = plan->problem->dim;
    const dnnl_memory_desc_t data = matrix(dim[0], dim[1]), row = vector(dim[1]), column = vector(dim[0]);
    const dnnl_memory_desc_t *const desc[] = {&data, &row, &row, &data, &column, &column};
    dnnl_layer_normalization_desc_t norm;
    must(dnnl_layer_normalization_forward_desc_init(&norm, dnnl_forward_training, &data, &column, 1e-5f, both));
    struct step *step = add_step(plan, &norm, NULL, NULL);
    for (size_t i = 0; i < sizeof which / sizeof *which; i++)
        give(step, which[i], hold(plan, desc[i], peers_at(plan->problem, i)));
    plan->finish = layernorm_fwd_finish;
}

/* oneDNN saves the variance, so a user has it at hand. */
static void layernorm_bwd_open(struct peers_plan *plan) {
    static const int which[] = {DNNL_ARG_DIFF_DST, DNNL_ARG_SRC,      DNNL_ARG_SCALE,      DNNL_ARG_MEAN,
                                DNNL_ARG_VARIANCE, DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_SCALE, DNNL_ARG_DIFF_SHIFT};
    const struct peers_problem *problem = plan->problem;
    const size_t *dim = problem->dim;
    const dnnl_memory_desc_t data = matrix(dim[0], dim[1]), row = vector(dim[1]), column = vector(dim[0]);
    const dnnl_memory_desc_t *const desc[] = {&data, &data, &row, &column, &column, &data, &row, &row};
    const float *rstd = peers_at(problem, 4);
    float *variance = own(plan, dim[0]);
    for (size_t r = 0; r < dim[0]; r++)
        variance[r] = 1 / (rstd[r] * rstd[r]) - 1e-5f;
    dnnl_layer_normalization_desc_t norm;
    dnnl_primitive_desc_t hint;
    must(dnnl_layer_normalization_forward_desc_init(&norm, dnnl_forward_training, &data, &column, 1e-5f, both));
    must(dnnl_primitive_desc_create(&hint, &norm, NULL, plan->engine, NULL));
    must(dnnl_layer_normalization_backward_desc_init(&norm, dnnl_backward, &data, &data, &column, 1e-5f, both));
    struct step *step = add_step(plan, &norm, NULL, hint);
    for (size_t i = 0; i < sizeof which / sizeof *which; i++)
        give(step, which[i], hold(plan, desc[i], i == 4 ? variance : peers_at(problem, i)));
    give(step, DNNL_ARG_SHIFT, step->argument[2].memory); /* asked for, and not read */
    must(dnnl_primitive_desc_destroy(hint));
}

/* Loss, weight and the one of the one-hot; the softmax itself is in the place of the gradient already. */
static void softmax_xent_finish(const struct peers_plan *plan) {
    const size_t n = plan->problem->dim[0], v = plan->problem->dim[1];
    const int32_t *target = peers_at(plan->problem, 1);
    float *row_loss = peers_at(plan->problem, 2), *gradient = peers_at(plan->problem, 3);
    const float weight = 1 / (float)n;
    for (size_t i = 0; i < n; i++) {
        float *row = gradient + i * v;
        row_loss[i] = -logf(row[target[i]]);
        for (size_t j = 0; j < v; j++)
            row[j] *= weight;
        row[target[i]] -= weight;
    }
}

static void softmax_xent_open(struct peers_plan *plan) {
    const dnnl_memory_desc_t data = matrix(plan->problem->dim[0], plan->problem->dim[1]);
    dnnl_softmax_desc_t softmax;
    must(dnnl_softmax_forward_desc_init(&softmax, dnnl_forward_inference, &data, 1));
    struct step *step = add_step(plan, &softmax, NULL, NULL);
    give(step, DNNL_ARG_SRC, hold(plan, &data, peers_at(plan->problem, 0)));
    give(step, DNNL_ARG_DST, hold(plan, &data, peers_at(plan->problem, 3)));
    plan->finish = softmax_xent_finish;
}

static const struct {
    const char *name;
    void (*open)(struct peers_plan *plan);
} operations[] = {
    {"attention", attention_open},
    {"layernorm_fwd", layernorm_fwd_open},
    {"layernorm_bwd", layernorm_bwd_open},
    {"softmax_xent", softmax_xent_open},
};

struct peers_plan *peers_plan_open(const char *operation, const struct peers_problem *problem) {
    size_t i = 0, count = sizeof operations / sizeof *operations;
    while (i < count && strcmp(operations[i].name, operation) != 0)
        i++;
    struct peers_plan *plan = i < count ? calloc(1, sizeof *plan) : NULL;
    if (plan == NULL)
        return NULL;
    plan->problem = problem;
    plan->repeats = 1;
    must(dnnl_engine_create(&plan->engine, dnnl_cpu, 0));
    must(dnnl_stream_create(&plan->stream, plan->engine, dnnl_stream_default_flags));
    operations[i].open(plan);
    return plan;
}

void peers_plan_run(struct peers_plan *plan) {
    for (size_t repeat = 0; repeat < plan->repeats; repeat++) {
        if (plan->before != NULL)
            plan->before(plan, repeat);
        for (size_t i = 0; i < plan->steps; i++)
            must(dnnl_primitive_execute(plan->step[i].primitive, plan->stream, plan->step[i].arguments,
                                        plan->step[i].argument));
        must(dnnl_stream_wait(plan->stream));
    }
    if (plan->finish != NULL)
        plan->finish(plan);
}

void peers_plan_close(struct peers_plan *plan) {
    if (plan == NULL)
        return;
    for (size_t i = 0; i < plan->steps; i++)
        must(dnnl_primitive_destroy(plan->step[i].primitive));
    for (size_t i = 0; i < plan->memories; i++)
        must(dnnl_memory_destroy(plan->memory[i]));
    must(dnnl_stream_destroy(plan->stream));
    must(dnnl_engine_destroy(plan->engine));
    for (size_t i = 0; i < plan->owns; i++)
        free(plan->own[i]);
    free(plan);
}
