/* SPDX-License-Identifier: MIT */
/* From the bytes of one slot to a verdict: the step that correctness and timed calls share. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "grader/grading.h"

int snapshot_open(const struct trial *trial, struct snapshot *snapshot, struct error *err) {
    const size_t calls = spec_case_calls(trial->c);
    size_t bytes = 1;
    *snapshot = (struct snapshot){0};
    for (size_t a = 0; a < trial->tensor_count; a++)
        if (spec_role_is_output(trial->tensor[a].role)) {
            snapshot->bytes[snapshot->count] = trial->tensor[a].bytes;
            snapshot->argument[snapshot->count++] = a;
            bytes += calls * trial->tensor[a].bytes + 16;
        }
    unsigned char *next = snapshot->storage = malloc(bytes);
    if (next == NULL)
        return error_errno(err, "cannot copy the outputs");
    memset(next, trial->c->stage_count > 0 ? 0 : 0xff, bytes);
    for (size_t i = 0; i < snapshot->count; i++) {
        snapshot->output[i] = next;
        next += (calls * snapshot->bytes[i] + 15) / 16 * 16;
    }
    return 0;
}

void snapshot_take_call(const struct layout *layout, const struct arena *arena, size_t slot, size_t k,
                        struct snapshot *snapshot) {
    for (size_t i = 0; i < snapshot->count; i++) {
        size_t a = snapshot->argument[i];
        memcpy((unsigned char *)snapshot->output[i] + k * snapshot->bytes[i], layout_data(layout, arena, a, slot),
               layout->place[a].bytes);
    }
}

void snapshot_take(const struct layout *layout, const struct arena *arena, size_t slot, struct snapshot *snapshot) {
    snapshot_take_call(layout, arena, slot, 0, snapshot);
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

/* What an output held before it was written. What a shorter stage leaves was never poisoned; it is 0 and cannot be
 * taken for the bytes that stand for it here. */
static void *poison_of(const struct grading_view *view, const struct expected_output *expected) {
    const size_t a = expected->argument, bytes = view->trial->tensor[a].bytes;
    const size_t stages = view->trial->c->stage_count;
    unsigned char *poison = malloc(spec_case_calls(view->trial->c) * bytes + 1);
    if (poison == NULL)
        return NULL;
    if (stages == 0)
        layout_poison(&view->layout->place[a], view->poison_key, view->slot, poison);
    else
        memset(poison, 0xff, stages * bytes);
    for (size_t k = 0; k < stages; k++) {
        struct trial call;
        trial_stage(view->trial, k, &call);
        const struct place place = {
            .type = call.tensor[a].type, .count = call.tensor[a].count, .bytes = call.tensor[a].bytes};
        layout_poison(&place, view->poison_key + k, 0, poison + k * bytes);
    }
    return poison;
}

/* A second look at an output, now beside its poison, tells an unwritten element from a wrong one. Poison is a
 * signalling NaN or a random integer, so what was not written fails the first look anyway, except where NaN is the
 * right answer. */
static int look_for_poison(const struct grading_view *view, const struct expected_output *expected,
                           struct compare_tensor *seen, struct compare_result *result, struct error *err) {
    void *poison = poison_of(view, expected);
    if (poison == NULL)
        return error_errno(err, "cannot compare the outputs");
    seen->poison = poison;
    compare_judge(seen, &expected->rule, &expected->bound, result);
    if (view->pattern != NULL && fails(result))
        pattern_find(seen, &expected->rule, result, view->pattern);
    seen->poison = NULL;
    free(poison);
    return 0;
}

/* Where what is seen of one call goes: the first output or measure that fails gives the verdict. */
struct account {
    struct grade_output *output;
    size_t *failing;
    double *used;
    enum verdict verdict;
};

static int enter(const struct grading_view *view, size_t i, const struct compare_tensor *seen,
                 const struct compare_result *result, struct account *account, struct error *err) {
    *account->used = result->used > *account->used ? result->used : *account->used;
    if (fails(result) && account->verdict == VERDICT_PASSED) {
        account->verdict = result->verdict;
        *account->failing = i;
    }
    if (grading_keep_curve(view, &view->answer->output[i], seen, result, err) != 0)
        return -1;
    if (is_worse(&account->output[i], result))
        keep(&account->output[i], seen, result);
    return 0;
}

static int judge_output(const struct grading_view *view, size_t i, struct account *account, struct error *err) {
    const struct expected_output *expected = &view->answer->output[i];
    const struct tensor *tensor = &view->trial->tensor[expected->argument];
    struct compare_tensor seen = {.name = tensor->name,
                                  .type = tensor->type,
                                  .rank = expected->rank,
                                  .shape = expected->shape,
                                  .got = view->got[i],
                                  .expected = expected->value,
                                  .gauge = expected->gauge};
    struct compare_result result;
    compare_judge(&seen, &expected->rule, &expected->bound, &result);
    bool doubtful = fails(&result) || result.error.both_nan > 0 || expected->rule.rule == SPEC_RULE_JUDGED;
    if (doubtful && tensor->role == SPEC_OUTPUT && account->verdict == VERDICT_PASSED) {
        if (look_for_poison(view, expected, &seen, &result, err) != 0)
            return -1;
    } else if (fails(&result) && view->pattern != NULL && account->verdict == VERDICT_PASSED) {
        pattern_find(&seen, &expected->rule, &result, view->pattern);
    }
    return enter(view, i, &seen, &result, account, err);
}

static bool is_measure(const struct grading_view *view, size_t i) {
    return view->trial->tensor[view->answer->output[i].argument].role == SPEC_MEASURE;
}

static int judge_measures(const struct grading_view *view, size_t first, struct account *account, struct error *err) {
    const void *got[SPEC_ARGUMENTS_MAX] = {NULL};
    struct measures measures;
    assert(view->oracle != NULL);
    for (size_t i = 0; i < first; i++)
        got[view->answer->output[i].argument] = view->got[i];
    if (measures_open(view->trial, &measures, err) != 0)
        return -1;
    int status = oracle_measure(view->oracle, view->trial, spec_case_calls(view->trial->c), got, measures.value, err);
    for (size_t i = first; i < view->answer->count && status == 0; i++) {
        const struct expected_output *expected = &view->answer->output[i];
        const struct compare_tensor seen = {.name = view->trial->tensor[expected->argument].name,
                                            .type = DTYPE_F64,
                                            .rank = expected->rank,
                                            .shape = expected->shape,
                                            .got = measures.value[expected->argument],
                                            .expected = expected->value,
                                            .measured = true};
        struct compare_result result;
        compare_judge(&seen, &expected->rule, &expected->bound, &result);
        if (fails(&result) && view->pattern != NULL && account->verdict == VERDICT_PASSED)
            pattern_find(&seen, &expected->rule, &result, view->pattern);
        status = enter(view, i, &seen, &result, account, err);
    }
    measures_release(&measures);
    return status;
}

enum verdict grading_compare(const struct grading_view *view, struct grade_output *output, size_t *failing,
                             double *used, struct error *err) {
    struct account account = {.output = output, .failing = failing, .used = used, .verdict = VERDICT_PASSED};
    size_t i = 0;
    for (; i < view->answer->count && !is_measure(view, i); i++)
        if (judge_output(view, i, &account, err) != 0)
            return VERDICT_HARNESS_ERROR;
    /* Of memory that nobody wrote, and of NaN, there is nothing to measure. */
    const bool whole = account.verdict != VERDICT_UNWRITTEN_OUTPUT && account.verdict != VERDICT_NOT_FINITE;
    if (i < view->answer->count && whole && judge_measures(view, i, &account, err) != 0)
        return VERDICT_HARNESS_ERROR;
    return account.verdict;
}
