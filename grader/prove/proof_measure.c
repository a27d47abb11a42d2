/* SPDX-License-Identifier: MIT */
/* Whole answers: every output of a call as a solution would hand it in, and what the entry's measures say of it. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grader/prove/proof.h"

double proof_used(const struct trial *trial, const struct expected_output *output, const void *got) {
    const struct tensor *tensor = &trial->tensor[output->argument];
    const struct compare_tensor seen = {.name = tensor->name,
                                        .type = tensor->type,
                                        .rank = output->rank,
                                        .shape = output->shape,
                                        .got = got,
                                        .expected = output->value,
                                        .gauge = output->gauge};
    struct compare_result result;
    compare_judge(&seen, &output->rule, &output->bound, &result);
    /* A violated special value has no size. */
    return result.verdict != VERDICT_PASSED && !(result.used > 1) ? INFINITY : result.used;
}

void *proof_perfect(const struct trial *trial, const struct expected_output *output) {
    const enum dtype type = trial->tensor[output->argument].type;
    const size_t bytes = (size_t)output->count * dtype_info(type)->bytes;
    unsigned char *array = malloc(bytes + 1);
    assert(array != NULL);
    if (!dtype_info(type)->floating) {
        memcpy(array, output->value, bytes);
        return array;
    }
    for (int64_t i = 0; i < output->count; i++)
        dtype_store(type, array, (size_t)i, ((const double *)output->value)[i]);
    return array;
}

bool proof_is_measure(const struct trial *trial, const struct expected_output *output) {
    return trial->tensor[output->argument].role == SPEC_MEASURE;
}

void proof_answer_open(const struct proof_content *content, struct proof_answer *answer) {
    *answer = (struct proof_answer){.count = content->answer.count};
    for (size_t i = 0; i < answer->count; i++)
        if (!proof_is_measure(&content->trial, &content->answer.output[i]))
            answer->array[i] = proof_perfect(&content->trial, &content->answer.output[i]);
}

void proof_answer_release(struct proof_answer *answer) {
    for (size_t i = 0; i < answer->count; i++)
        free(answer->array[i]);
    answer->count = 0;
}

static int take(struct oracle *oracle, const struct trial *trial, const struct expectation *truth,
                const struct proof_answer *answer, struct measures *measures, struct error *err) {
    const void *got[SPEC_ARGUMENTS_MAX] = {NULL};
    for (size_t i = 0; i < truth->count; i++)
        if (!proof_is_measure(trial, &truth->output[i]))
            got[truth->output[i].argument] = answer->array[i];
    return oracle_measure(oracle, trial, spec_case_calls(trial->c), got, measures->value, err);
}

int proof_used_by_measures(struct oracle *oracle, const struct trial *trial, const struct expectation *truth,
                           const struct proof_answer *answer, double *used, struct error *err) {
    struct measures measures;
    *used = 0;
    if (!spec_has_measures(trial->entry))
        return 0;
    if (measures_open(trial, &measures, err) != 0)
        return -1;
    const int status = take(oracle, trial, truth, answer, &measures, err);
    for (size_t i = 0; i < truth->count && status == 0; i++) {
        const struct expected_output *output = &truth->output[i];
        if (proof_is_measure(trial, output))
            *used = fmax(*used, proof_used(trial, output, measures.value[output->argument]));
    }
    measures_release(&measures);
    return status;
}

int proof_survives(struct oracle *oracle, const struct proof_content *content, struct error *err) {
    /* As numbers: huge, tiny and negative; and as bits NaN and -1. */
    static const unsigned char bytes[] = {0x7f, 0x80, 0xff};
    const struct trial *trial = &content->trial;
    struct proof_answer answer;
    struct measures measures;
    int status = 0;
    if (!spec_has_measures(trial->entry))
        return 0;
    if (measures_open(trial, &measures, err) != 0)
        return -1;
    proof_answer_open(content, &answer);
    for (size_t b = 0; b < sizeof bytes && status == 0; b++) {
        for (size_t i = 0; i < answer.count; i++) {
            const struct expected_output *output = &content->answer.output[i];
            if (answer.array[i] != NULL)
                memset(answer.array[i], bytes[b],
                       (size_t)output->count * dtype_info(trial->tensor[output->argument].type)->bytes);
        }
        status = take(oracle, trial, &content->answer, &answer, &measures, err);
    }
    proof_answer_release(&answer);
    measures_release(&measures);
    return status;
}
