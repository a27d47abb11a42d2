/* SPDX-License-Identifier: MIT */
/* Does the answer depend on every input? An input that may be ignored, or read in any order, without anybody noticing
 * is an input that a solution need not read: the published attention without a look at the cache went through like
 * that. */
#include <stdio.h>
#include <stdlib.h>

#include "grader/prove/disturb.h"
#include "grader/prove/proof.h"

/* One argument of one entry under one kind of change, over all cases. */
struct tally {
    size_t tried, noticed;
    const char *unnoticed; /* a case in which the old answer would still pass */
};

struct survey {
    struct proof *proof;
    struct prove_step *step;
    struct tally tally[SPEC_ENTRIES_MAX][SPEC_ARGUMENTS_MAX][DISTURB_KINDS];
};

/* Would the answer to `now` be taken for the answer to the changed inputs? */
static int old_answer_passes(const struct survey *survey, const struct proof_content *now, const struct trial *changed,
                             const struct expectation *answer, bool *passes, struct error *err) {
    struct proof_answer old;
    double used = 0;
    int status = 0;
    proof_answer_open(now, &old);
    *passes = true;
    for (size_t i = 0; i < answer->count && *passes; i++)
        if (!proof_is_measure(changed, &answer->output[i]))
            *passes = proof_used(changed, &answer->output[i], old.array[i]) <= 1;
    if (*passes)
        status = proof_used_by_measures(survey->proof->oracle, changed, answer, &old, &used, err);
    *passes = *passes && used <= 1;
    proof_answer_release(&old);
    return status;
}

/* The answer to the changed inputs, and whether the one to `now` would do as well. */
static int try_answer(struct survey *survey, const struct proof_content *now, const struct trial *changed,
                      struct tally *tally, struct error *err) {
    struct expectation answer = {0};
    bool passes = false;
    int status = oracle_answer(survey->proof->oracle, changed, &answer, err);
    if (status == 0)
        status = old_answer_passes(survey, now, changed, &answer, &passes, err);
    expectation_release(&answer);
    if (status != 0)
        return -1;
    tally->tried++;
    tally->noticed += !passes;
    if (passes)
        tally->unnoticed = now->trial.c->name;
    return 0;
}

static int try_change(struct survey *survey, const struct proof_content *now, const struct trial *other, size_t a,
                      enum disturb_kind kind, struct error *err) {
    struct tally *tally = &survey->tally[now->trial.c->entry][a][kind];
    struct trial changed;
    if (disturb_copy(&now->trial, &changed, err) != 0)
        return -1;
    int status = 0;
    if (disturb(&changed, other, a, kind))
        status = try_answer(survey, now, &changed, tally, err);
    trial_release(&changed);
    return status;
}

/* The value of a scalar in the first call of a case. */
static double first_value(const struct spec_case *c, size_t a) {
    return c->stage_count > 0 ? c->stage[0].value[a] : c->value[a];
}

/* Another value that some case, or a later stage of this one, gives this scalar: what a solution would use that has the
 * value typed in. */
static bool other_value(const struct spec *spec, const struct spec_case *c, size_t a, double *value) {
    for (size_t k = 1; k < c->stage_count; k++)
        if (c->stage[k].value[a] != first_value(c, a)) {
            *value = c->stage[k].value[a];
            return true;
        }
    for (size_t i = 0; i < spec->case_count; i++)
        if (spec->cases[i].entry == c->entry && first_value(&spec->cases[i], a) != first_value(c, a)) {
            *value = first_value(&spec->cases[i], a);
            return true;
        }
    return false;
}

static int try_scalar(struct survey *survey, const struct proof_content *now, size_t a, struct error *err) {
    struct tally *tally = &survey->tally[now->trial.c->entry][a][DISTURB_VALUES];
    struct spec_case other = *now->trial.c;
    struct trial changed;
    if (!other_value(survey->proof->spec, now->trial.c, a, &other.value[a]))
        return 0;
    if (disturb_copy(&now->trial, &changed, err) != 0)
        return -1;
    other.stage = calloc(other.stage_count + 1, sizeof *other.stage);
    if (other.stage == NULL) {
        trial_release(&changed);
        return error_errno(err, "cannot change %s in case '%s'", now->trial.tensor[a].name, other.name);
    }
    for (size_t k = 0; k < other.stage_count; k++) { /* the same in every stage, as what is typed in would be */
        other.stage[k] = now->trial.c->stage[k];
        other.stage[k].value[a] = other.value[a];
    }
    changed.c = &other;
    const int status = try_answer(survey, now, &changed, tally, err);
    free(other.stage);
    trial_release(&changed);
    return status;
}

/* Changed inputs may leave what the reference is made for (lengths beyond a buffer are no input at all), so its refusal
 * is no finding here; the workers are started anew. */
static int forgive(struct proof *proof, struct error *err) {
    if (err->owner != ERROR_CHALLENGE)
        return -1;
    oracle_close(proof->oracle);
    proof->oracle = NULL;
    return proof_oracle_open(proof, 1, &proof->oracle, err);
}

static int survey_case(struct survey *survey, const struct spec_case *c, struct error *err) {
    struct proof *proof = survey->proof;
    struct proof_content now = {.trial = {0}};
    struct trial other;
    if (trial_init(&other, proof->spec, c, err) != 0)
        return -1;
    trial_fill(&other, proof->request->seed, 1);
    int status = oracle_generate(proof->oracle, &other, err);
    if (status == 0)
        status = proof_content_open(proof, c, 0, &now, err);
    int64_t outputs = 0;
    for (size_t i = 0; status == 0 && i < now.answer.count; i++)
        outputs += now.trial.tensor[now.answer.output[i].argument].count;
    for (size_t a = 0; status == 0 && outputs > 0 && a < now.trial.tensor_count; a++)
        if (now.trial.tensor[a].role == SPEC_SCALAR && try_scalar(survey, &now, a, err) != 0)
            status = forgive(proof, err);
    for (size_t a = 0; status == 0 && outputs > 0 && a < now.trial.tensor_count; a++)
        for (int kind = 0; status == 0 && spec_is_shown(&now.trial.entry->argument[a]) && kind < DISTURB_KINDS; kind++)
            if (try_change(survey, &now, &other, a, (enum disturb_kind)kind, err) != 0)
                status = forgive(proof, err);
    proof_content_release(&now);
    trial_release(&other);
    return status;
}

static void judge(struct survey *survey, const struct spec_entry *entry, size_t a, enum disturb_kind kind,
                  const struct tally *tally) {
    const struct spec_argument *argument = &entry->argument[a];
    const bool filled = argument->role == SPEC_INPUT || argument->role == SPEC_INOUT;
    const bool scalar = argument->role == SPEC_SCALAR;
    const bool holds = tally->tried > 0 && 2 * tally->noticed >= tally->tried;
    if ((!filled && !scalar) || holds || argument->insensitive != NULL)
        return;
    if (scalar && (kind == DISTURB_ORDER || tally->noticed > 0)) /* one case is enough to catch a value typed in */
        return;
    /* All elements alike in every case (a constant) cannot be reordered; that shows under the other kind of change. */
    if (tally->tried == 0 && kind == DISTURB_ORDER)
        return;
    char *place = proof_text("%s %s of %s", scalar ? "scalar" : "input", argument->name, entry->name);
    char *what = tally->tried == 0 && scalar ? proof_text("every case gives it the same value, so it could be typed in")
                 : tally->tried == 0
                     ? proof_text("no case could give it %s", disturb_word(kind))
                     : proof_text("given %s, the old answer still passes in %zu of %zu cases (%s)", disturb_word(kind),
                                  tally->tried - tally->noticed, tally->tried, tally->unnoticed);
    proof_find(survey->step, PROVE_FAILED, place, what,
               "choose fills or values under which it matters, or say in \"insensitive\" why it need not");
    free(what);
    free(place);
}

int proof_sensitivity(struct proof *proof, struct prove_step *step, struct error *err) {
    struct survey *survey = calloc(1, sizeof *survey);
    int status = 0;
    size_t tried = 0, noticed = 0;
    if (survey == NULL)
        return error_errno(err, "cannot survey the inputs");
    survey->proof = proof;
    survey->step = step;
    for (size_t i = 0; i < proof->correctness_count && status == 0; i++) {
        if (proof_progress(proof, step, i, proof->correctness_count))
            break;
        status = survey_case(survey, proof->cases[i], err);
    }
    for (size_t e = 0; e < proof->spec->entry_count; e++)
        for (size_t a = 0; a < proof->spec->entry[e].argument_count; a++)
            for (int kind = 0; kind < DISTURB_KINDS; kind++) {
                const struct tally *tally = &survey->tally[e][a][kind];
                tried += tally->tried;
                noticed += tally->noticed;
                judge(survey, &proof->spec->entry[e], a, (enum disturb_kind)kind, tally);
            }
    snprintf(step->summary, sizeof step->summary, "%zu of %zu changes to one input were noticed", noticed, tried);
    free(survey);
    return status;
}
