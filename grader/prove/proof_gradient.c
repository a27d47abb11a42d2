/* SPDX-License-Identifier: MIT */
/* Are the outputs that call themselves gradients the derivative of the pack's objective?
 *
 * Central differences of fourth order in float64, along each coordinate of small gradients and along random directions
 * of large ones. The step that suits depends on the scale of inputs that we know nothing of, so several are tried and
 * the nearest counts: a wrong gradient is near with none of them. One float32 rounding of the inputs is forgiven, by
 * the gauge, since some of them (saved means and deviations) are functions of others, rounded. A tensor that is judged
 * by its norm has one gauge, its root mean square, without which an element that is 0 in theory could only be exact.
 * Source: Fornberg, Generation of finite difference formulas (1988), table 1. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/prove/proof.h"
#include "grader/random.h"
#include "grader/stub.h"

enum { COORDINATES_MAX = 40, DIRECTIONS = 8, ELEMENTS_MAX = 1 << 18 };

static const double agreement = 1e-7; /* of sum |g_i v_i|, which is what rounding is relative to */
static const double loss_rounding = 1e-14;
static const double steps[] = {1e-2, 1e-3, 1e-4, 1e-1, 1e-5, 1};

/* The gradients of one case, each with room for a displacement. */
struct field {
    struct proof *proof;
    struct proof_content content;
    size_t count;
    size_t output[SPEC_ARGUMENTS_MAX]; /* index into content.answer.output */
    double *direction[SPEC_ARGUMENTS_MAX], *moved[SPEC_ARGUMENTS_MAX];
    double size[SPEC_ARGUMENTS_MAX]; /* what stands for the gauge of an output that has none */
    double worst;
};

static const struct tensor *tensor_of(const struct field *field, size_t k) {
    return &field->content.trial.tensor[field->content.answer.output[field->output[k]].argument];
}

static double typical_size(const struct expected_output *output) {
    const double *value = output->value;
    double squares = 0;
    for (int64_t i = 0; i < output->count; i++)
        squares += value[i] * value[i];
    return output->rule.rule == SPEC_RULE_FROBENIUS && output->count > 0 ? sqrt(squares / (double)output->count) : 0;
}

static int field_open(struct field *field, struct proof *proof, const struct spec_case *c, struct error *err) {
    *field = (struct field){.proof = proof};
    struct trial *trial = &field->content.trial;
    if (trial_init(trial, proof->spec, c, err) != 0)
        return -1;
    trial_fill(trial, proof->request->seed, 0);
    if (oracle_generate(proof->oracle, trial, err) != 0)
        return -1;
    /* A gradient that is added to what is there already is the gradient when nothing is there. */
    for (size_t a = 0; a < trial->tensor_count; a++)
        if (trial->entry->argument[a].gradient && trial->tensor[a].data != NULL)
            memset(trial->tensor[a].data, 0, trial->tensor[a].bytes);
    if (oracle_answer(proof->oracle, trial, &field->content.answer, err) != 0)
        return -1;
    for (size_t i = 0; i < field->content.answer.count; i++) {
        const struct expected_output *output = &field->content.answer.output[i];
        if (!field->content.trial.entry->argument[output->argument].gradient)
            continue;
        const size_t count = (size_t)field->content.trial.tensor[output->argument].count + 1, k = field->count++;
        field->output[k] = i;
        field->size[k] = typical_size(output);
        field->direction[k] = calloc(count, sizeof(double));
        field->moved[k] = calloc(count, sizeof(double));
        if (field->direction[k] == NULL || field->moved[k] == NULL)
            return error_errno(err, "cannot differentiate case '%s'", c->name);
    }
    return 0;
}

static void field_release(struct field *field) {
    for (size_t k = 0; k < field->count; k++) {
        free(field->direction[k]);
        free(field->moved[k]);
    }
    proof_content_release(&field->content);
}

static int loss_at(struct field *field, double distance, double *loss, struct error *err) {
    for (size_t k = 0; k < field->count; k++)
        for (int64_t i = 0; i < tensor_of(field, k)->count; i++)
            field->moved[k][i] = distance * field->direction[k][i];
    return oracle_objective(field->proof->oracle, &field->content.trial, (const double *const *)field->moved, loss,
                            err);
}

/* `noise`: what the rounding of the losses may be worth in the slope. */
static int difference(struct field *field, double h, double *slope, double *noise, struct error *err) {
    static const double weight[] = {8.0 / 12, -8.0 / 12, -1.0 / 12, 1.0 / 12}, at[] = {1, -1, 2, -2};
    *slope = *noise = 0;
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        double loss;
        if (loss_at(field, at[i] * h, &loss, err) != 0)
            return -1;
        *slope += weight[i] * loss / h;
        *noise = fmax(*noise, loss_rounding * fabs(loss) / h);
    }
    return 0;
}

/* Compares the slope along the directions that are set; keeps the worst disagreement. */
static int probe(struct field *field, struct error *err) {
    double expected = 0, scale = 0, rounding = 0, best = INFINITY;
    for (size_t k = 0; k < field->count; k++) {
        const struct expected_output *output = &field->content.answer.output[field->output[k]];
        const double *gradient = output->value, *v = field->direction[k];
        for (int64_t i = 0; i < tensor_of(field, k)->count; i++) {
            expected += gradient[i] * v[i];
            scale += fabs(gradient[i] * v[i]);
            rounding += 0x1p-24 * (output->gauge != NULL ? output->gauge[i] : field->size[k]) * fabs(v[i]);
        }
    }
    for (size_t s = 0; s < sizeof steps / sizeof *steps && !(best <= agreement); s++) {
        double slope, noise;
        if (difference(field, steps[s], &slope, &noise, err) != 0)
            return -1;
        const double off = fabs(slope - expected) - noise - rounding, distance = off <= 0 ? 0 : off / scale;
        best = distance < best ? distance : best;
    }
    field->worst = best > field->worst ? best : field->worst;
    return 0;
}

static int probe_gradient(struct field *field, size_t k, uint64_t number, struct error *err) {
    const int64_t count = tensor_of(field, k)->count;
    const bool each = count <= COORDINATES_MAX;
    for (int64_t round = 0; round < (each ? count : DIRECTIONS); round++) {
        if (each) {
            field->direction[k][round] = 1;
        } else {
            struct random_stream stream;
            random_stream_init(&stream, field->proof->request->seed, "gradient", (uint64_t)round, number);
            random_normals(&stream, 0, (size_t)count, field->direction[k]);
        }
        const int status = probe(field, err);
        memset(field->direction[k], 0, (size_t)count * sizeof(double));
        if (status != 0)
            return -1;
    }
    return 0;
}

static int probe_case(struct proof *proof, struct prove_step *step, const struct spec_case *c, double *worst,
                      struct error *err) {
    struct field field;
    int status = field_open(&field, proof, c, err);
    for (size_t k = 0; status == 0 && k < field.count; k++) {
        field.worst = 0;
        status = probe_gradient(&field, k, k, err);
        *worst = field.worst > *worst ? field.worst : *worst;
        if (status != 0 || field.worst <= agreement)
            continue;
        char *place = proof_text("case %s, output %s", c->name, tensor_of(&field, k)->name);
        char *what = proof_text("it is %.2g off the derivative of objective_%s; %.0e is allowed", field.worst,
                                field.content.trial.entry->name, agreement);
        proof_find(step, PROVE_FAILED, place, what,
                   "find which of the two is wrong: differentiate the objective by hand for one row");
        free(what);
        free(place);
    }
    field_release(&field);
    return status;
}

/* The loss comes back in the first gradient: 0 also for a case in which that one has no element to hold it. */
static int64_t gradient_elements(const struct spec *spec, const struct spec_case *c) {
    const struct spec_entry *entry = &spec->entry[c->entry];
    int64_t total = 0;
    for (size_t a = 0, seen = 0; a < entry->argument_count; a++) {
        if (!entry->argument[a].gradient)
            continue;
        const int64_t count = spec_case_count(spec, c, a);
        if (seen++ == 0 && count == 0)
            return 0;
        total += count;
    }
    return total;
}

int proof_gradient(struct proof *proof, struct prove_step *step, struct error *err) {
    double worst = 0;
    size_t cases = 0, entries = 0;
    for (size_t e = 0; e < proof->spec->entry_count; e++)
        entries += stub_has_objective(&proof->spec->entry[e]);
    for (size_t i = 0; i < proof->correctness_count; i++) {
        const struct spec_case *c = proof->cases[i];
        const int64_t elements = gradient_elements(proof->spec, c);
        if (elements > 0 && c->stage_count > 0) {
            proof_find(step, PROVE_NOTED, c->name, "its gradients are not differentiated, because it has stages",
                       "let another case of the entry have none: an objective is of one call");
            continue;
        }
        if (elements == 0 || elements > ELEMENTS_MAX)
            continue;
        if (proof_progress(proof, step, i, proof->correctness_count))
            return 0;
        cases++;
        if (probe_case(proof, step, c, &worst, err) != 0 &&
            proof_blame(proof, step, c->name, "mend the objective in reference.c", err) != 0)
            return -1;
    }
    if (entries == 0)
        snprintf(step->summary, sizeof step->summary, "no output calls itself a gradient");
    else if (worst == 0)
        snprintf(step->summary, sizeof step->summary, "%zu cases; the differences in float64 within rounding", cases);
    else
        snprintf(step->summary, sizeof step->summary, "%zu cases; at worst %.1g off the differences in float64", cases,
                 worst);
    return 0;
}
