/* SPDX-License-Identifier: MIT */
/* Lays the tensors of one call out in one mapping and gives them their values. Only inputs and inouts get memory:
 * outputs live in the sealed memory that a worker sees, and the answers in the oracle's. */
#include "grader/trial.h"

#include <assert.h>
#include <sys/mman.h>

enum { TENSOR_ALIGNMENT = 64 };

static bool is_tensor(enum spec_role role) {
    return role != SPEC_SIZE && role != SPEC_SCALAR;
}

static bool has_contents(const struct tensor *tensor) {
    return spec_role_is_filled(tensor->role) && tensor->bytes > 0;
}

/* Element count of a tensor whose shape [spec] has already checked against overflow. */
static int64_t count_elements(const int64_t *shape, size_t rank) {
    int64_t count = 1;

    for (size_t i = 0; i < rank; i++) {
        assert(shape[i] >= 0);
        const bool overflow = __builtin_mul_overflow(count, shape[i], &count);
        assert(!overflow);
        (void)overflow;
    }
    return count;
}

static struct tensor describe(const struct spec_argument *argument, const struct spec_case *c, size_t a) {
    struct tensor tensor = {.name = argument->name, .type = argument->type, .role = argument->role};

    if (!is_tensor(argument->role))
        return tensor;
    tensor.rank = argument->rank;
    tensor.shape = c->shape[a];
    tensor.null = c->null[a];
    if (!tensor.null)
        tensor.count = count_elements(tensor.shape, tensor.rank);
    tensor.bytes = (size_t)tensor.count * dtype_info(tensor.type)->bytes;
    return tensor;
}

static size_t padded(size_t bytes) {
    return (bytes + TENSOR_ALIGNMENT - 1) / TENSOR_ALIGNMENT * TENSOR_ALIGNMENT;
}

static int allocate(struct trial *trial, struct error *err) {
    char *next;

    for (size_t a = 0; a < trial->tensor_count; a++)
        if (has_contents(&trial->tensor[a]))
            trial->storage_bytes += padded(trial->tensor[a].bytes);
    if (trial->storage_bytes == 0)
        return 0;
    trial->storage = mmap(NULL, trial->storage_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (trial->storage == MAP_FAILED) {
        trial->storage = NULL;
        return error_errno(err, "no memory for the %zu bytes of inputs of case '%s'; free memory on this machine",
                           trial->storage_bytes, trial->c->name);
    }
    next = trial->storage;
    for (size_t a = 0; a < trial->tensor_count; a++) {
        struct tensor *tensor = &trial->tensor[a];

        if (!has_contents(tensor))
            continue;
        tensor->data = next;
        next += padded(tensor->bytes);
    }
    return 0;
}

int trial_init(struct trial *trial, const struct spec *spec, const struct spec_case *c, struct error *err) {
    const struct spec_entry *entry = &spec->entry[c->entry];

    assert(c->entry < spec->entry_count);
    *trial = (struct trial){.spec = spec, .c = c, .entry = entry, .tensor_count = entry->argument_count};
    for (size_t a = 0; a < trial->tensor_count; a++)
        trial->tensor[a] = describe(&entry->argument[a], c, a);
    if (allocate(trial, err)) {
        trial_release(trial);
        return -1;
    }
    return 0;
}

void trial_stage(const struct trial *full, size_t stage, struct trial *view) {
    const struct spec_case *c = &full->c->stage[stage];

    assert(stage < full->c->stage_count);
    *view = *full;
    view->c = c;
    view->storage = NULL;
    view->storage_bytes = 0;
    for (size_t a = 0; a < view->tensor_count; a++) {
        const bool carried = full->entry->argument[a].carry < SPEC_ARGUMENTS_MAX && stage > 0;

        view->tensor[a] = describe(&full->entry->argument[a], c, a);
        if (has_contents(&view->tensor[a]) && !carried)
            view->tensor[a].data = full->tensor[a].data;
    }
}

/* Tensors that take rows of the same file take the same rows: records and their labels. */
static void make_stream(const struct trial *trial, size_t a, struct random_stream *stream) {
    const struct fill *fill = &trial->c->fill[a];

    if (fill->kind == FILL_DATASET)
        dataset_stream(stream, trial->seed, trial->c->name, trial->call, fill->dataset->name);
    else
        random_stream_init(stream, trial->seed, trial->c->name, trial->call, a);
}

void trial_fill(struct trial *trial, uint64_t seed, uint64_t call) {
    trial->seed = seed;
    trial->call = call;
    for (size_t a = 0; a < trial->tensor_count; a++) {
        const struct tensor *tensor = &trial->tensor[a];
        struct random_stream stream;

        if (!has_contents(tensor))
            continue;
        make_stream(trial, a, &stream);
        fill_make(&trial->c->fill[a], tensor->type, tensor->shape, tensor->rank, &stream, tensor->data);
    }
}

void trial_release(struct trial *trial) {
    if (trial->storage)
        (void)munmap(trial->storage, trial->storage_bytes);
    *trial = (struct trial){0};
}
