/* SPDX-License-Identifier: MIT */
/* Is the pack's reference fit to judge others? It must build, give numbers, and give the same ones every time. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/prove/proof.h"

/* Two thread counts may add in another order: in float64 that is worth nothing beside a float32 tolerance. */
static const double thread_share_max = 0.01;

static int list_cases(struct proof *proof, struct error *err) {
    const struct spec *spec = proof->spec;
    size_t most = spec->case_count;
    for (size_t t = 0; t < spec->timing_count; t++)
        most += spec->timing[t].family_count;
    proof->cases = calloc(most + 1, sizeof(struct spec_case *));
    if (proof->cases == NULL)
        return error_errno(err, "cannot list the cases of %s", spec->id);
    for (size_t i = 0; i < spec->case_count; i++)
        proof->cases[proof->case_count++] = &spec->cases[i];
    proof->correctness_count = proof->case_count;
    for (size_t t = 0; t < spec->timing_count; t++)
        for (size_t f = 0; f < spec->timing[t].family_count; f++)
            proof->cases[proof->case_count++] = &spec->timing[t].family[f];
    return 0;
}

int proof_contract(struct proof *proof, struct prove_step *step, struct error *err) {
    proof->site = (struct build_site){.spec = proof->spec,
                                      .parts = &proof->parts,
                                      .support = &proof->support,
                                      .scratch = &proof->scratch,
                                      .cancel = proof->request->cancel};
    int status = toolchain_find(&proof->site.toolchain, err);
    if (status == 0)
        status = list_cases(proof, err);
    if (status != 0)
        return -1;
    if (build_pack(&proof->site, &proof->pack, err) == 0 && proof_oracle_open(proof, 1, &proof->oracle, err) == 0) {
        snprintf(step->summary, sizeof step->summary, "%zu function%s, compiled in float64 and float32 with %s",
                 proof->spec->entry_count, proof->spec->entry_count == 1 ? "" : "s", proof->site.toolchain.version);
        return 0;
    }
    if (err->owner != ERROR_CHALLENGE)
        return -1;
    proof_find(step, PROVE_FAILED, "header and reference", err->text,
               "make the prototypes in the header, the arguments in challenge.json and the functions in reference.c "
               "agree");
    snprintf(step->summary, sizeof step->summary, "the pack does not build");
    return 0;
}

static void case_place(const struct proof *proof, const struct spec_case *c, const char *output, char *place,
                       size_t size) {
    char sizes[80];
    spec_case_sizes(proof->spec, c, sizes, sizeof sizes);
    snprintf(place, size, "case %s (%s)%s%s", c->name, sizes, output[0] != '\0' ? ", " : "", output);
}

static void judge_finite(struct proof *proof, struct prove_step *step, const struct proof_content *content) {
    for (size_t i = 0; i < content->answer.count; i++) {
        const struct expected_output *output = &content->answer.output[i];
        const struct tensor *tensor = &content->trial.tensor[output->argument];
        const bool infinite = proof->spec->entry[content->trial.c->entry].argument[output->argument].infinite;
        int64_t bad = 0;
        if (!dtype_info(tensor->type)->floating)
            continue;
        for (int64_t k = 0; k < output->count; k++) {
            const double value = ((const double *)output->value)[k];
            bad += infinite ? isnan(value) : !isfinite(value);
        }
        if (bad == 0)
            continue;
        char place[240];
        case_place(proof, content->trial.c, tensor->name, place, sizeof place);
        char *what = proof_text("%lld of %lld expected numbers are NaN%s", (long long)bad, (long long)output->count,
                                infinite ? "" : " or infinite");
        proof_find(step, PROVE_FAILED, place, what,
                   "choose inputs whose right answer is a number: a NaN that is expected cannot be told from one that "
                   "leaked (an infinity that belongs to the answer needs \"infinite\": true at the output)");
        free(what);
    }
}

/* Rules that say how far two answers are apart. */
static bool has_size(enum spec_rule rule) {
    return rule == SPEC_RULE_GAUGE || rule == SPEC_RULE_FROBENIUS || rule == SPEC_RULE_CURVE;
}

static bool same_answer(const struct proof_content *a, const struct expectation *b, bool same_bits) {
    for (size_t i = 0; i < a->answer.count; i++) {
        const struct expected_output *x = &a->answer.output[i], *y = &b->output[i];
        const struct tensor *tensor = &a->trial.tensor[x->argument];
        const bool floating = dtype_info(tensor->type)->floating;
        const size_t bytes = (size_t)x->count * (floating ? sizeof(double) : dtype_info(tensor->type)->bytes);
        if (memcmp(x->value, y->value, bytes) == 0)
            continue;
        if (same_bits || !floating)
            return false;
        struct compare_rule rule = x->rule;
        const struct compare_tensor seen = {.name = tensor->name,
                                            .type = DTYPE_F64,
                                            .rank = x->rank,
                                            .shape = x->shape,
                                            .got = y->value,
                                            .expected = x->value,
                                            .gauge = x->gauge};
        struct compare_error error;
        if (!has_size(rule.rule))
            continue;
        compare_measure(&seen, &rule, &error);
        /* A float64 comparison counts in units of 2^-53, a bound in units of 2^-24 (but for the norm). */
        const double ratio = rule.rule == SPEC_RULE_GAUGE ? error.ratio * 0x1p-29 : error.ratio;
        if (!(ratio <= thread_share_max * x->bound.ratio))
            return false;
    }
    return true;
}

static int compare_again(struct proof *proof, struct prove_step *step, struct oracle *oracle, bool threads,
                         const struct proof_content *content, struct error *err) {
    struct expectation again = {0};
    if (oracle_answer(oracle, &content->trial, &again, err) != 0)
        return -1;
    if (!same_answer(content, &again, !threads)) {
        char place[240];
        case_place(proof, content->trial.c, "", place, sizeof place);
        proof_find(step, PROVE_FAILED, place,
                   threads ? "the float64 answer depends on the number of OpenBLAS threads"
                           : "the same inputs gave other bits the second time",
                   threads ? "look for a sum that cancels, or give the threads nothing to share"
                           : "look for memory that is read before it is written, and for state between calls");
    }
    expectation_release(&again);
    return 0;
}

static int examine_case(struct proof *proof, struct prove_step *step, struct oracle *two, const struct spec_case *c,
                        struct error *err) {
    struct proof_content content;
    char place[240];
    case_place(proof, c, "", place, sizeof place);
    if (proof_content_open(proof, c, 0, &content, err) != 0)
        return proof_blame(proof, step, place, "mend reference.c, its gauge, or the inputs of this case", err);
    judge_finite(proof, step, &content);
    int status = compare_again(proof, step, proof->oracle, false, &content, err);
    if (status == 0)
        status = compare_again(proof, step, two, true, &content, err);
    if (status != 0) {
        proof_content_release(&content);
        return proof_blame(proof, step, place, "mend reference.c: it failed on its second call", err);
    }
    status = proof_survives(proof->oracle, &content, err);
    proof_content_release(&content);
    return status == 0 ? 0 : proof_blame(proof, step, place, "check what it reads before it is used as an index", err);
}

int proof_reference(struct proof *proof, struct prove_step *step, struct error *err) {
    struct oracle *two = NULL;
    int status = proof_oracle_open(proof, 2, &two, err);
    for (size_t i = 0; i < proof->correctness_count && status == 0; i++) {
        if (proof_progress(proof, step, i, proof->correctness_count))
            break;
        status = examine_case(proof, step, two, proof->cases[i], err);
    }
    oracle_close(two);
    snprintf(step->summary, sizeof step->summary, "%zu cases: finite, same bits twice, same answer on two threads",
             proof->correctness_count);
    return status;
}

static bool in_units_of_rounding(enum spec_rule rule) {
    return rule == SPEC_RULE_GAUGE || rule == SPEC_RULE_FROBENIUS || rule == SPEC_RULE_ULP;
}

int proof_baseline(struct proof *proof, struct prove_step *step, struct error *err) {
    struct prove_report *report = proof->report;
    char worst[120] = "none";
    for (size_t i = 0; i < proof->case_count; i++) {
        struct proof_content content;
        char place[240];
        if (proof_progress(proof, step, i, proof->case_count))
            break;
        case_place(proof, proof->cases[i], "", place, sizeof place);
        if (proof_content_open(proof, proof->cases[i], 0, &content, err) != 0) {
            if (proof_blame(proof, step, place, "mend the gauge: it must bound what float32 loses on these inputs",
                            err) != 0)
                return -1;
            continue;
        }
        for (size_t k = 0; k < content.answer.count; k++) {
            const struct expected_output *output = &content.answer.output[k];
            if (in_units_of_rounding(output->rule.rule) && output->bound.reference_ratio > report->reference_ratio) {
                report->reference_ratio = output->bound.reference_ratio;
                snprintf(worst, sizeof worst, "%s of %s", content.trial.tensor[output->argument].name,
                         proof->cases[i]->name);
            }
        }
        proof_content_release(&content);
    }
    snprintf(step->summary, sizeof step->summary, "%zu cases and timed families; at most %.3g units of rounding (%s)",
             proof->case_count, report->reference_ratio, worst);
    return 0;
}
