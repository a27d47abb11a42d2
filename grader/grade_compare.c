/* SPDX-License-Identifier: MIT */
/* From the bytes of one slot to a verdict: the step that correctness and timed calls share. */
#include <stdlib.h>
#include <string.h>

#include "grader/grading.h"

int snapshot_open(const struct layout *layout, const struct trial *trial, struct snapshot *snapshot,
                  struct error *err) {
    size_t bytes = 1;
    *snapshot = (struct snapshot){0};
    for (size_t a = 0; a < trial->tensor_count; a++)
        if (trial->tensor[a].role == SPEC_OUTPUT || trial->tensor[a].role == SPEC_INOUT) {
            snapshot->argument[snapshot->count++] = a;
            bytes += layout->place[a].bytes + 16;
        }
    unsigned char *next = snapshot->storage = malloc(bytes);
    if (next == NULL)
        return error_errno(err, "cannot copy the outputs");
    memset(next, 0xff, bytes);
    for (size_t i = 0; i < snapshot->count; i++) {
        snapshot->output[i] = next;
        next += (layout->place[snapshot->argument[i]].bytes + 15) / 16 * 16;
    }
    return 0;
}

void snapshot_take(const struct layout *layout, const struct arena *arena, size_t slot, struct snapshot *snapshot) {
    for (size_t i = 0; i < snapshot->count; i++) {
        size_t a = snapshot->argument[i];
        memcpy(snapshot->output[i], layout_data(layout, arena, a, slot), layout->place[a].bytes);
    }
}

void snapshot_release(struct snapshot *snapshot) {
    free(snapshot->storage);
    snapshot->storage = NULL;
}

static bool fails(const struct compare_result *result) {
    return result->verdict != VERDICT_PASSED;
}

/* A failure is kept against any pass and against later failures; among passes the one nearest to its limit. */
static bool is_worse(const struct grade_output *seen, const struct compare_result *now) {
    if (seen->name == NULL)
        return true;
    if (fails(&seen->result) != fails(now))
        return fails(now);
    return !fails(now) && now->used > seen->result.used;
}

static void keep(struct grade_output *output, const struct compare_tensor *tensor,
                 const struct compare_result *result) {
    output->name = tensor->name;
    output->type = tensor->type;
    output->rank = tensor->rank;
    for (size_t i = 0; i < tensor->rank; i++)
        output->shape[i] = tensor->shape[i];
    output->result = *result;
}

/* A second look at an output, now beside its poison, tells an unwritten element from a wrong one. Poison is a
 * signalling NaN or a random integer, so what was not written fails the first look anyway, except where NaN is the
 * right answer. */
static int look_for_poison(const struct grading_view *view, const struct place *place,
                           const struct expected_output *expected, struct compare_tensor *seen,
                           struct compare_result *result, struct error *err) {
    void *poison = malloc(place->bytes + 1);
    if (poison == NULL)
        return error_errno(err, "cannot compare the outputs");
    layout_poison(place, view->poison_key, view->slot, poison);
    seen->poison = poison;
    compare_judge(seen, &expected->rule, &expected->bound, result);
    if (view->pattern != NULL && fails(result))
        pattern_find(seen, &expected->rule, result, view->pattern);
    seen->poison = NULL;
    free(poison);
    return 0;
}

enum verdict grading_compare(const struct grading_view *view, struct grade_output *output, size_t *failing,
                             double *used, struct error *err) {
    enum verdict verdict = VERDICT_PASSED;
    for (size_t i = 0; i < view->answer->count; i++) {
        const struct expected_output *expected = &view->answer->output[i];
        const struct place *place = &view->layout->place[expected->argument];
        const struct tensor *tensor = &view->trial->tensor[expected->argument];
        struct compare_tensor seen = {.name = tensor->name,
                                      .type = tensor->type,
                                      .rank = tensor->rank,
                                      .shape = tensor->shape,
                                      .got = view->got[i],
                                      .expected = expected->value,
                                      .gauge = expected->gauge};
        struct compare_result result;
        compare_judge(&seen, &expected->rule, &expected->bound, &result);
        bool doubtful = fails(&result) || result.error.both_nan > 0;
        if (doubtful && tensor->role == SPEC_OUTPUT && verdict == VERDICT_PASSED) {
            if (look_for_poison(view, place, expected, &seen, &result, err) != 0)
                return VERDICT_HARNESS_ERROR;
        } else if (fails(&result) && view->pattern != NULL && verdict == VERDICT_PASSED) {
            pattern_find(&seen, &expected->rule, &result, view->pattern);
        }
        *used = result.used > *used ? result.used : *used;
        if (fails(&result) && verdict == VERDICT_PASSED) {
            verdict = result.verdict;
            *failing = i;
        }
        if (is_worse(&output[i], &result))
            keep(&output[i], &seen, &result);
    }
    return verdict;
}
