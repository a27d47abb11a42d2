/* SPDX-License-Identifier: MIT */
/* From the bytes of one slot to a verdict: the step that correctness and timed calls share. */
#include <stdlib.h>
#include <string.h>

#include "grader/grading.h"

int snapshot_take(const struct layout *layout, const struct arena *arena, const struct expectation *answer, size_t slot,
                  struct snapshot *snapshot, struct error *err) {
    size_t bytes = 1;
    for (size_t i = 0; i < answer->count; i++)
        bytes += layout->place[answer->output[i].argument].bytes + 16;
    snapshot->storage = malloc(bytes);
    if (snapshot->storage == NULL)
        return error_errno(err, "cannot copy the outputs");
    unsigned char *next = snapshot->storage;
    for (size_t i = 0; i < answer->count; i++) {
        size_t a = answer->output[i].argument, size = layout->place[a].bytes;
        snapshot->output[i] = next;
        memcpy(next, layout_data(layout, arena, a, slot), size);
        next += (size + 15) / 16 * 16;
    }
    return 0;
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

enum verdict grading_compare(const struct grading_view *view, struct grade_output *output, size_t *failing,
                             double *used, struct error *err) {
    enum verdict verdict = VERDICT_PASSED;
    for (size_t i = 0; i < view->answer->count; i++) {
        const struct expected_output *expected = &view->answer->output[i];
        const struct place *place = &view->layout->place[expected->argument];
        const struct tensor *tensor = &view->trial->tensor[expected->argument];
        void *poison = NULL;
        if (tensor->role == SPEC_OUTPUT) {
            poison = malloc(place->bytes + 1);
            if (poison == NULL) {
                error_errno(err, "cannot compare the outputs");
                return VERDICT_HARNESS_ERROR;
            }
            layout_poison(place, view->poison_key, view->slot, poison);
        }
        struct compare_tensor seen = {.name = tensor->name,
                                      .type = tensor->type,
                                      .rank = tensor->rank,
                                      .shape = tensor->shape,
                                      .got = view->got[i],
                                      .expected = expected->value,
                                      .gauge = expected->gauge,
                                      .poison = poison};
        struct compare_result result;
        compare_judge(&seen, &expected->rule, &expected->bound, &result);
        if (result.used > *used)
            *used = result.used;
        if (fails(&result) && verdict == VERDICT_PASSED) {
            verdict = result.verdict;
            *failing = i;
            if (view->pattern != NULL)
                pattern_find(&seen, &expected->rule, &result, view->pattern);
        }
        if (is_worse(&output[i], &result))
            keep(&output[i], &seen, &result);
        free(poison);
    }
    return verdict;
}
