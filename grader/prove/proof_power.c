/* SPDX-License-Identifier: MIT */
/* Does each case reject the outputs of a solution that does less than it should? */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/prove/panel.h"
#include "grader/prove/proof.h"

static const double needed_share = 4; /* a rejection nearer to the limit might hang on the seed */
static const double ample_share = 8;  /* and so might the power of a case that is tagged to have none */
enum { POWERED_LEAST = 3 };

struct weakest { /* the member of the panel that a case comes nearest to accepting */
    double used;
    size_t member;
    const char *output;
    bool state; /* it is judged by what comes after it */
    size_t tried;
    bool telling; /* some answer is not all zeros: else there is nothing to be lazy about */
};

/* By the output's own rule or by a measure, whichever rejects it more clearly; what the rule says is wrong beyond
 * measure needs no other judge. */
static int judge_member(struct oracle *oracle, const struct proof_content *now, size_t i,
                        const struct proof_answer *answer, double *used, struct error *err) {
    double measured = 0;
    *used = proof_used(&now->trial, &now->answer.output[i], answer->array[i]);
    if (isfinite(*used) && proof_used_by_measures(oracle, &now->trial, &now->answer, answer, &measured, err) != 0)
        return -1;
    *used = measured > *used ? measured : *used;
    return 0;
}

/* The output with the shape that it is compared in. */
static struct tensor whole_of(const struct trial *trial, const struct expected_output *output) {
    struct tensor tensor = trial->tensor[output->argument];
    tensor.rank = output->rank;
    tensor.shape = output->shape;
    tensor.count = output->count;
    tensor.bytes = (size_t)output->count * dtype_info(tensor.type)->bytes;
    return tensor;
}

/* A state that nothing else rejects is judged by what comes after it, and only where nothing of it is left: of a format
 * that is free, some bytes may mean nothing. */
static int judge_state(struct proof *proof, const struct proof_content *now, size_t i, size_t m, bool *tried,
                       double *used, struct error *err) {
    double later = 0;
    if (*used >= needed_share || !proof_is_state(&now->trial, &now->answer.output[i]))
        return 0;
    *tried = false;
    if (now->trial.c->stage_count < 2 || !PANEL[m].whole)
        return 0;
    if (proof_used_afterwards(proof, now, i, m, tried, &later, err) != 0)
        return -1;
    *used = later > *used ? later : *used;
    return 0;
}

static int measure_output(struct proof *proof, const struct proof_content *now, const struct proof_content *other,
                          size_t i, struct weakest *weakest, struct error *err) {
    const struct expected_output *output = &now->answer.output[i];
    const struct tensor tensor = whole_of(&now->trial, output);
    void *perfect = proof_perfect(&now->trial, output), *stale = proof_perfect(&other->trial, &other->answer.output[i]);
    struct proof_answer answer;
    const struct panel_view view = {
        .trial = &now->trial, .tensor = &tensor, .perfect = perfect, .stale = stale, .gauge = output->gauge};
    int status = 0;
    proof_answer_open(now, &answer);
    for (size_t m = 0; m < PANEL_COUNT && status == 0; m++) {
        double used;
        bool tried = true;
        if (!panel_make(m, &view, answer.array[i]))
            continue;
        status = judge_member(proof->oracle, now, i, &answer, &used, err);
        if (status == 0)
            status = judge_state(proof, now, i, m, &tried, &used, err);
        if (status != 0)
            break;
        if (!tried)
            continue;
        weakest->tried++;
        weakest->telling = weakest->telling || m == PANEL_ZEROS;
        if (!(used >= weakest->used)) {
            weakest->used = used;
            weakest->member = m;
            weakest->output = tensor.name;
            weakest->state = proof_is_state(&now->trial, output);
        }
    }
    proof_answer_release(&answer);
    free(stale);
    free(perfect);
    return status;
}

static int measure_case(struct proof *proof, const struct spec_case *c, struct weakest *weakest, struct error *err) {
    struct proof_content content[2] = {{.trial = {0}}, {.trial = {0}}};
    int status = proof_content_open(proof, c, 0, &content[0], err);
    if (status == 0)
        status = proof_content_open(proof, c, 1, &content[1], err);
    *weakest = (struct weakest){.used = INFINITY};
    for (size_t i = 0; status == 0 && i < content[0].answer.count; i++)
        if (!proof_is_measure(&content[0].trial, &content[0].answer.output[i]))
            status = measure_output(proof, &content[0], &content[1], i, weakest, err);
    proof_content_release(&content[0]);
    proof_content_release(&content[1]);
    return status;
}

/* A state that nobody takes up cannot be judged by what becomes of it. */
static void note_states(const struct proof *proof, struct prove_step *step, const struct spec_case *c) {
    const struct spec_entry *entry = &proof->spec->entry[c->entry];
    for (size_t a = 0; a < entry->argument_count && c->stage_count < 2; a++) {
        const size_t from = entry->argument[a].carry;
        if (from >= SPEC_ARGUMENTS_MAX || entry->argument[from].tolerance.rule != SPEC_RULE_JUDGED)
            continue;
        char *place = proof_text("case %s, output %s", c->name, entry->argument[from].name);
        proof_find(step, PROVE_NOTED, place, "as a state it is not tried, because no stage takes it up here",
                   "nothing, if another case has stages");
        free(place);
    }
}

static void judge_case(struct proof *proof, struct prove_step *step, const struct spec_case *c,
                       const struct weakest *weakest) {
    const bool powered = weakest->telling && weakest->used >= needed_share;
    char *place = proof_text("case %s%s%s", c->name, weakest->tried > 0 ? ", output " : "",
                             weakest->tried > 0 ? weakest->output : "");
    proof->report->powered_count += powered;
    if (weakest->tried > 0 && !(weakest->used >= needed_share) && c->no_power == NULL) {
        char *what = proof_text("%s would come within %.3g times the tolerance; %.0f times is needed",
                                PANEL[weakest->member].what, weakest->used, needed_share);
        proof_find(
            step, PROVE_FAILED, place, what,
            weakest->state
                ? "make later answers depend on it, or do not ask for it; if neither, say why in \"no_power\""
                : "give it inputs whose answer is larger beside its rounding error, make the gauge smaller if it is "
                  "too large, or say why not in \"no_power\"");
        free(what);
    } else if (powered && weakest->used >= ample_share && c->no_power != NULL) {
        proof_find(step, PROVE_NOTED, place, "it is tagged no_power and has all of it", "take the tag away");
    }
    free(place);
}

int proof_power(struct proof *proof, struct prove_step *step, struct error *err) {
    struct weakest least = {.used = INFINITY};
    const char *least_case = "";
    proof->report->powered_count = 0;
    for (size_t i = 0; i < proof->correctness_count; i++) {
        const struct spec_case *c = proof->cases[i];
        struct weakest weakest;
        if (proof_progress(proof, step, i, proof->correctness_count))
            return 0;
        if (measure_case(proof, c, &weakest, err) != 0) {
            if (proof_blame(proof, step, c->name, "mend the reference first", err) != 0)
                return -1;
            continue;
        }
        note_states(proof, step, c);
        judge_case(proof, step, c, &weakest);
        if (weakest.telling && weakest.used >= needed_share && weakest.used < least.used) {
            least = weakest;
            least_case = c->name;
        }
    }
    if (proof->report->powered_count < POWERED_LEAST)
        proof_find(step, PROVE_FAILED, "all cases", "fewer than three cases reject every lazy output",
                   "add cases of ordinary size with inputs around 1");
    snprintf(step->summary, sizeof step->summary, "%zu of %zu cases reject all of it", proof->report->powered_count,
             proof->correctness_count);
    if (least.tried > 0 && isfinite(least.used))
        snprintf(step->summary, sizeof step->summary, "%zu of %zu cases reject all of it, %s by %.3g times (%s)",
                 proof->report->powered_count, proof->correctness_count, PANEL[least.member].name, least.used,
                 least_case);
    return 0;
}
