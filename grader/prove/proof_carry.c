/* SPDX-License-Identifier: MIT */
/* What an output is for that is judged by nothing but what comes after it: the state that a stage hands on. Its format
 * is free, so a byte more or less proves nothing; but when the float32 reference, which stands for a solution, is
 * handed a state in which nothing is left of its own, some later answer must be wrong. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grader/prove/panel.h"
#include "grader/prove/proof.h"

bool proof_is_state(const struct trial *trial, const struct expected_output *output) {
    bool carried = false;
    for (size_t a = 0; a < trial->tensor_count; a++)
        carried = carried || trial->entry->argument[a].carry == output->argument;
    return carried && output->rule.rule == SPEC_RULE_JUDGED;
}

struct spoiler {
    size_t argument, member;
    bool spoiled; /* some stage gave what the member could change */
};

static void spoil(void *context, const struct trial *call, void *array) {
    struct spoiler *spoiler = context;
    const struct tensor *tensor = &call->tensor[spoiler->argument];
    void *perfect = malloc(tensor->bytes + 1);
    assert(perfect != NULL);
    memcpy(perfect, array, tensor->bytes);
    const struct panel_view view = {.trial = call, .tensor = tensor, .perfect = perfect};
    if (panel_make(spoiler->member, &view, array))
        spoiler->spoiled = true;
    else
        memcpy(array, perfect, tensor->bytes);
    free(perfect);
}

/* The most that any output or measure of the whole case is off. */
static int judge_rest(struct proof *proof, const struct proof_content *now, const void *const *got, double *used,
                      struct error *err) {
    struct proof_answer answer = {.count = now->answer.count};
    double measured = 0;
    for (size_t i = 0; i < answer.count; i++) {
        const struct expected_output *output = &now->answer.output[i];
        answer.array[i] = (void *)got[output->argument];
        if (!proof_is_measure(&now->trial, output))
            *used = fmax(*used, proof_used(&now->trial, output, answer.array[i]));
    }
    if (isfinite(*used) &&
        proof_used_by_measures(proof->oracle, &now->trial, &now->answer, &answer, &measured, err) != 0)
        return -1;
    *used = fmax(*used, measured);
    return 0;
}

int proof_used_afterwards(struct proof *proof, const struct proof_content *now, size_t i, size_t member, bool *tried,
                          double *used, struct error *err) {
    struct spoiler spoiler = {.argument = now->answer.output[i].argument, .member = member};
    const struct oracle_spoiler by = {.argument = spoiler.argument, .spoil = spoil, .context = &spoiler};
    const void *got[SPEC_ARGUMENTS_MAX] = {NULL};
    void *storage = NULL;
    *used = 0;
    int status = oracle_follow(proof->oracle, &now->trial, &by, got, &storage, err);
    if (status == 0) {
        status = judge_rest(proof, now, got, used, err);
    } else if (err->owner == ERROR_CHALLENGE) { /* it died of it or gave up, which no grading would let pass */
        *used = INFINITY;
        oracle_close(proof->oracle);
        proof->oracle = NULL;
        status = proof_oracle_open(proof, 1, &proof->oracle, err);
    }
    free(storage);
    *tried = spoiler.spoiled;
    return status;
}
