/* SPDX-License-Identifier: MIT */
#include "grader/prove/disturb.h"

#include <math.h>
#include <string.h>

const char *disturb_word(enum disturb_kind kind) {
    return kind == DISTURB_VALUES ? "other values" : "another order";
}

static bool is_movable(const struct tensor *tensor, int64_t i) {
    return !dtype_info(tensor->type)->floating || isfinite(dtype_load(tensor->type, tensor->data, (size_t)i));
}

/* By an amount that differs from element to element: a common factor or offset is what many a norm takes out again. */
static double moved(double x, int64_t i) {
    const double factor = 1 + 0.1 * sin(1.7 * (double)i + 0.6);
    return x == 0 ? 0.03125 * factor : x * factor;
}

static bool change_floats(struct tensor *tensor) {
    bool changed = false;
    for (int64_t i = 0; i < tensor->count; i++) {
        if (!is_movable(tensor, i))
            continue;
        dtype_store(tensor->type, tensor->data, (size_t)i, moved(dtype_load(tensor->type, tensor->data, (size_t)i), i));
        changed = true;
    }
    return changed;
}

static bool take_other(struct tensor *tensor, const struct tensor *other) {
    const bool changed = memcmp(tensor->data, other->data, tensor->bytes) != 0;
    memcpy(tensor->data, other->data, tensor->bytes);
    return changed;
}

static void swap(struct tensor *tensor, int64_t i, int64_t j, size_t bytes) {
    unsigned char kept[16], *array = tensor->data;
    memcpy(kept, array + (size_t)i * bytes, bytes);
    memcpy(array + (size_t)i * bytes, array + (size_t)j * bytes, bytes);
    memcpy(array + (size_t)j * bytes, kept, bytes);
}

static bool reverse(struct tensor *tensor) {
    const size_t bytes = dtype_info(tensor->type)->bytes;
    const unsigned char *array = tensor->data;
    bool changed = false;
    for (int64_t i = 0, j = tensor->count - 1; i < j; i++, j--) {
        while (i < j && !is_movable(tensor, i))
            i++;
        while (i < j && !is_movable(tensor, j))
            j--;
        if (i >= j)
            break;
        changed = changed || memcmp(array + (size_t)i * bytes, array + (size_t)j * bytes, bytes) != 0;
        swap(tensor, i, j, bytes);
    }
    return changed;
}

bool disturb(struct trial *trial, const struct trial *other, size_t a, enum disturb_kind kind) {
    struct tensor *tensor = &trial->tensor[a];
    if (tensor->data == NULL || tensor->null)
        return false;
    if (kind == DISTURB_ORDER)
        return reverse(tensor);
    return dtype_info(tensor->type)->floating ? change_floats(tensor) : take_other(tensor, &other->tensor[a]);
}

int disturb_copy(const struct trial *trial, struct trial *copy, struct error *err) {
    if (trial_init(copy, trial->spec, trial->c, err) != 0)
        return -1;
    copy->seed = trial->seed;
    copy->call = trial->call;
    for (size_t a = 0; a < trial->tensor_count; a++)
        if (trial->tensor[a].data != NULL)
            memcpy(copy->tensor[a].data, trial->tensor[a].data, trial->tensor[a].bytes);
    return 0;
}
