/* SPDX-License-Identifier: MIT */
/* Measures: what the pack's measure_<entry> makes of answers, a candidate's or the reference's own. It runs in the
 * float64 worker, like the oracle, and sees whatever a candidate handed in. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/oracle_private.h"

/* `held` is the type of the elements in `got`. */
static void put_output(const struct place *place, enum dtype held, const void *got, void *to) {
    if (held == place->type) {
        memcpy(to, got, place->bytes);
    } else if (held == DTYPE_F32 && place->type == DTYPE_F64) {
        const float *from = got;
        for (int64_t i = 0; i < place->count; i++)
            ((double *)to)[i] = (double)from[i];
    } else {
        for (int64_t i = 0; i < place->count; i++)
            dtype_store(place->type, to, (size_t)i, dtype_load(held, got, (size_t)i));
    }
}

static int take_measure(const struct trial *trial, const struct layout *layout, const struct arena *arena, size_t a,
                        double *measure, struct error *err) {
    const struct place *place = &layout->place[a];
    const void *written = layout_data(layout, arena, a, 0);
    double *poison = malloc(place->bytes + 1);
    int64_t bad = -1;
    if (poison == NULL)
        return error_errno(err, "cannot take the measures of case '%s'", trial->c->name);
    layout_poison(place, POISON_KEY, 0, poison);
    for (int64_t k = 0; k < place->count && bad < 0; k++)
        if (memcmp((const double *)written + k, poison + k, sizeof *poison) == 0)
            bad = k;
    memcpy(measure, written, place->bytes);
    free(poison);
    return bad < 0
               ? 0
               : error_set(err, ERROR_CHALLENGE,
                           "measure_%s in reference.c of %s leaves element %lld of %s unwritten in case '%s'; it "
                           "must set every element of every measure",
                           trial->entry->name, trial->spec->id, (long long)bad, trial->tensor[a].name, trial->c->name);
}

int oracle_measure_as(struct oracle *oracle, const struct trial *trial, size_t stages, bool wide,
                      const void *const *got, double *const *measure, struct error *err) {
    struct arena arena = {&oracle->side[SIDE_WIDE].inputs, &oracle->side[SIDE_WIDE].outputs};
    const size_t function = stub_measure_index(trial->spec, trial->c->entry);
    struct layout layout;
    layout_make_measure(&layout, trial, stages, oracle_flags(SIDE_WIDE));
    layout_write(&layout, &arena, trial, 0);
    oracle_use_layout(oracle, SIDE_WIDE, &layout);
    for (size_t a = 0; a < trial->tensor_count; a++) {
        const struct tensor *tensor = &trial->tensor[a];
        const enum dtype held = wide && dtype_info(tensor->type)->floating ? DTYPE_F64 : tensor->type;
        if (spec_role_is_output(tensor->role))
            put_output(&layout.place[a], held, got[a], layout_data(&layout, &arena, a, 0));
        else if (tensor->role == SPEC_MEASURE)
            layout_poison(&layout.place[a], POISON_KEY, 0, layout_data(&layout, &arena, a, 0));
    }
    if (oracle_call_in_place(oracle, SIDE_WIDE, function, trial, &layout, err) != 0)
        return -1;
    for (size_t a = 0; a < trial->tensor_count; a++)
        if (trial->tensor[a].role == SPEC_MEASURE && take_measure(trial, &layout, &arena, a, measure[a], err) != 0)
            return -1;
    return 0;
}

int oracle_measure(struct oracle *oracle, const struct trial *trial, size_t stages, const void *const *got,
                   double *const *measure, struct error *err) {
    char said[sizeof err->text];
    if (oracle_measure_as(oracle, trial, stages, false, got, measure, err) == 0)
        return 0;
    if (err->owner != ERROR_CHALLENGE)
        return -1;
    snprintf(said, sizeof said, "%s", err->text);
    size_t length = strlen(said);
    if (length > 0 && said[length - 1] == '.')
        length--;
    return error_set(err, ERROR_CHALLENGE, "%.*s; a measure must survive whatever a solution hands in", (int)length,
                     said);
}

static int check_truth(const struct trial *trial, const struct expected_output *output, struct error *err) {
    const char *id = trial->spec->id, *name = trial->tensor[output->argument].name;
    const double *value = output->value;
    for (int64_t k = 0; k < output->count; k++) {
        if (!isfinite(value[k]))
            return error_set(err, ERROR_CHALLENGE,
                             "measure_%s in reference.c of %s gives %s[%lld] = %g for the reference's own answer in "
                             "case '%s'; it must be a number there",
                             trial->entry->name, id, name, (long long)k, value[k], trial->c->name);
        if (output->rule.rule == SPEC_RULE_AT_LEAST && !(value[k] >= output->rule.limit))
            return error_set(err, ERROR_CHALLENGE,
                             "the reference of %s itself reaches only %s[%lld] = %.6g in case '%s', where %.6g is "
                             "asked for; lower the limit or mend the reference",
                             id, name, (long long)k, value[k], trial->c->name, output->rule.limit);
    }
    return 0;
}

int oracle_measure_truth(struct oracle *oracle, const struct trial *trial, size_t stages,
                         struct expectation *expectation, struct error *err) {
    const void *got[SPEC_ARGUMENTS_MAX] = {NULL};
    double *measure[SPEC_ARGUMENTS_MAX] = {NULL};
    if (!spec_has_measures(trial->entry))
        return 0;
    for (size_t i = 0; i < expectation->count; i++) {
        const struct expected_output *output = &expectation->output[i];
        if (trial->tensor[output->argument].role == SPEC_MEASURE)
            measure[output->argument] = output->value;
        else
            got[output->argument] = output->value;
    }
    if (oracle_measure_as(oracle, trial, stages, true, got, measure, err) != 0)
        return -1;
    for (size_t i = 0; i < expectation->count; i++)
        if (trial->tensor[expectation->output[i].argument].role == SPEC_MEASURE &&
            check_truth(trial, &expectation->output[i], err) != 0)
            return -1;
    return 0;
}

int oracle_measure_errors(struct oracle *oracle, const struct trial *trial, size_t stages, const void *const *got,
                          const struct expectation *expectation, size_t algorithm,
                          struct compare_error (*error)[ORACLE_ALGORITHMS], struct error *err) {
    struct measures measures;
    if (!spec_has_measures(trial->entry))
        return 0;
    if (measures_open(trial, &measures, err) != 0)
        return -1;
    int status = oracle_measure_as(oracle, trial, stages, false, got, measures.value, err);
    for (size_t i = 0; i < expectation->count && status == 0; i++) {
        const struct expected_output *output = &expectation->output[i];
        const struct tensor *tensor = &trial->tensor[output->argument];
        if (tensor->role != SPEC_MEASURE)
            continue;
        const struct compare_tensor seen = {.name = tensor->name,
                                            .type = tensor->type,
                                            .rank = output->rank,
                                            .shape = output->shape,
                                            .got = measures.value[output->argument],
                                            .expected = output->value};
        compare_measure(&seen, &output->rule, &error[i][algorithm]);
    }
    measures_release(&measures);
    return status;
}

int measures_open(const struct trial *trial, struct measures *measures, struct error *err) {
    size_t count = 1;
    *measures = (struct measures){.storage = NULL};
    for (size_t a = 0; a < trial->tensor_count; a++)
        count += trial->tensor[a].role == SPEC_MEASURE ? (size_t)trial->tensor[a].count : 0;
    double *next = measures->storage = calloc(count, sizeof *next);
    if (next == NULL)
        return error_errno(err, "cannot take the measures of case '%s'", trial->c->name);
    for (size_t a = 0; a < trial->tensor_count; a++)
        if (trial->tensor[a].role == SPEC_MEASURE) {
            measures->value[a] = next;
            next += trial->tensor[a].count;
        }
    return 0;
}

void measures_release(struct measures *measures) {
    free(measures->storage);
    *measures = (struct measures){.storage = NULL};
}
