/* SPDX-License-Identifier: MIT */
/* What the reference's workers left in their memories, as answers with gauges and bounds. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grader/oracle_private.h"

static bool is_output(const struct tensor *tensor) {
    return tensor->role == SPEC_OUTPUT || tensor->role == SPEC_INOUT;
}

/* Floats are kept as double whatever they were; the wide reference gives float64 for float32 outputs already. */
static void keep_value(const struct place *place, const void *from, void *to) {
    if (!dtype_info(place->type)->floating || place->type == DTYPE_F64) {
        memcpy(to, from, place->bytes);
        return;
    }
    for (int64_t i = 0; i < place->count; i++)
        ((double *)to)[i] = dtype_load(place->type, from, (size_t)i);
}

/* Everything but where values and gauges lie. */
static void list_outputs(const struct trial *trial, struct expectation *expectation) {
    *expectation = (struct expectation){0};
    for (size_t a = 0; a < trial->tensor_count; a++) {
        if (!is_output(&trial->tensor[a]))
            continue;
        const struct spec_tolerance *tolerance = &trial->entry->argument[a].tolerance;
        expectation->output[expectation->count++] =
            (struct expected_output){.argument = a,
                                     .rule = {.rule = tolerance->rule,
                                              .reduction = trial->c->reduction[a],
                                              .limit = tolerance->limit,
                                              .strict_denormal = trial->c->strict_denormal}};
    }
}

static int allocate(const struct trial *trial, struct expectation *expectation, struct error *err) {
    size_t doubles = 0;
    list_outputs(trial, expectation);
    for (size_t i = 0; i < expectation->count; i++)
        doubles += 2 * ((size_t)trial->tensor[expectation->output[i].argument].count + 1);
    expectation->storage = malloc(doubles * sizeof(double) + 1);
    if (expectation->storage == NULL)
        return error_errno(err, "cannot keep the answers of case '%s'", trial->c->name);
    double *next = expectation->storage;
    for (size_t i = 0; i < expectation->count; i++) {
        struct expected_output *output = &expectation->output[i];
        int64_t count = trial->tensor[output->argument].count;
        output->value = next;
        next += count + 1;
        if (output->rule.rule == SPEC_RULE_GAUGE)
            output->gauge = next;
        next += count + 1;
    }
    return 0;
}

void expectation_release(struct expectation *expectation) {
    free(expectation->storage);
    *expectation = (struct expectation){0};
}

/* True when the element was not written or is no number that an error could be measured in. */
static bool is_bad(const struct place *place, const void *written, const void *poison, int64_t k) {
    size_t bytes = dtype_info(place->type)->bytes;
    return dtype_info(place->type)->floating &&
           memcmp((const char *)written + (size_t)k * bytes, (const char *)poison + (size_t)k * bytes, bytes) == 0;
}

static int check_truth(const struct trial *trial, const struct layout *layout, const struct arena *arena,
                       const struct expected_output *output, struct error *err) {
    const struct tensor *tensor = &trial->tensor[output->argument];
    const struct place *place = &layout->place[output->argument];
    const void *written = layout_data(layout, arena, output->argument, 0);
    void *poison = malloc(place->bytes + 1);
    int64_t bad = -1, bad_gauge = -1;
    if (poison == NULL)
        return error_errno(err, "cannot check the reference");
    layout_poison(place, POISON_KEY, 0, poison);
    for (int64_t k = 0; k < tensor->count; k++) {
        if (tensor->role == SPEC_OUTPUT && is_bad(place, written, poison, k))
            bad = k;
        if (output->gauge != NULL && !(output->gauge[k] >= 0))
            bad_gauge = k;
    }
    free(poison);
    if (bad >= 0)
        return error_set(err, ERROR_CHALLENGE,
                         "reference_%s in reference.c of %s leaves element %lld of %s unwritten in case '%s'",
                         trial->entry->name, trial->spec->id, (long long)bad, tensor->name, trial->c->name);
    if (bad_gauge >= 0)
        return error_set(err, ERROR_CHALLENGE,
                         "the gauge of %s in reference.c of %s is negative or NaN at element %lld of case '%s'",
                         tensor->name, trial->spec->id, (long long)bad_gauge, trial->c->name);
    return 0;
}

static int take_truth(struct oracle *oracle, const struct trial *trial, struct expectation *expectation,
                      struct error *err) {
    struct layout layout;
    struct arena arena = {&oracle->side[SIDE_WIDE].inputs, &oracle->side[SIDE_WIDE].outputs};
    size_t function = stub_reference_index(trial->c->entry);
    if (oracle_call(oracle, SIDE_WIDE, function, trial, 0, POISON_KEY, &layout, err) != 0)
        return -1;
    for (size_t i = 0; i < expectation->count; i++) {
        struct expected_output *output = &expectation->output[i];
        size_t a = output->argument;
        keep_value(&layout.place[a], layout_data(&layout, &arena, a, 0), output->value);
        if (output->gauge != NULL)
            memcpy(output->gauge, layout_data(&layout, &arena, layout.gauge_place[a], 0),
                   (size_t)trial->tensor[a].count * sizeof(double));
        if (check_truth(trial, &layout, &arena, output, err) != 0)
            return -1;
    }
    return 0;
}

static bool needs_conversion(enum dtype type) {
    return dtype_info(type)->floating && type != DTYPE_F64;
}

int oracle_truth(struct oracle *oracle, const struct trial *trial, struct expectation *expectation, struct error *err) {
    struct layout layout;
    struct arena arena = {&oracle->side[SIDE_WIDE].inputs, &oracle->side[SIDE_WIDE].outputs};
    size_t function = stub_reference_index(trial->c->entry);
    if (oracle_call(oracle, SIDE_WIDE, function, trial, 0, 0, &layout, err) != 0)
        return -1;
    list_outputs(trial, expectation);
    for (size_t i = 0; i < expectation->count; i++) {
        struct expected_output *output = &expectation->output[i];
        if (needs_conversion(layout.place[output->argument].type))
            return error_set(err, ERROR_CHALLENGE, "%s of %s has a type that a timed case cannot have: use f32 or f64",
                             trial->tensor[output->argument].name, trial->spec->id);
        output->value = layout_data(&layout, &arena, output->argument, 0);
        if (output->rule.rule == SPEC_RULE_GAUGE)
            output->gauge = layout_data(&layout, &arena, layout.gauge_place[output->argument], 0);
    }
    return 0;
}

int oracle_objective(struct oracle *oracle, const struct trial *trial, const double *const *displacement, double *loss,
                     struct error *err) {
    struct layout layout;
    struct arena arena = {&oracle->side[SIDE_WIDE].inputs, &oracle->side[SIDE_WIDE].outputs};
    const double *first = NULL;
    size_t next = 0;
    oracle_put_inputs(oracle, SIDE_WIDE, trial, 0, &layout);
    for (size_t a = 0; a < trial->tensor_count; a++) {
        if (!trial->entry->argument[a].gradient)
            continue;
        void *array = layout_data(&layout, &arena, a, 0);
        memcpy(array, displacement[next++], layout.place[a].bytes);
        first = first == NULL ? array : first;
    }
    const size_t function = stub_objective_index(trial->spec, trial->c->entry);
    if (oracle_call_in_place(oracle, SIDE_WIDE, function, trial, &layout, err) != 0)
        return -1;
    *loss = first != NULL ? *first : 0;
    return 0;
}

/* Two algorithms that lose very different amounts do not compute the same thing. */
static int refuse_bound(const struct trial *trial, const struct expected_output *output, double baseline, double plain,
                        struct error *err) {
    const char *id = trial->spec->id, *name = trial->tensor[output->argument].name;
    const bool apart = !(baseline < 100 * fmax(plain, 1)) || !(plain < 100 * fmax(baseline, 1));
    return error_set(err, ERROR_CHALLENGE,
                     "%s in case '%s' of %s: in float32 the reference is %.3g units of rounding off and the plain "
                     "algorithm %.3g; %s",
                     name, trial->c->name, id, baseline, plain,
                     apart ? "they do not compute the same, so one of the two is wrong"
                           : "both are too far off: the gauge is too small, or the reference loses too much");
}

/* Both float32 algorithms on the same content: the honest measure of what rounding costs here. */
int oracle_bounds(struct oracle *oracle, const struct trial *trial, struct expectation *expectation,
                  struct error *err) {
    struct compare_error error[SPEC_ARGUMENTS_MAX][2];
    struct arena arena = {&oracle->side[SIDE_NARROW].inputs, &oracle->side[SIDE_NARROW].outputs};
    const size_t function[2] = {stub_reference_index(trial->c->entry), stub_plain_index(trial->c->entry)};
    for (size_t f = 0; f < 2; f++) {
        struct layout layout;
        if (oracle_call(oracle, SIDE_NARROW, function[f], trial, 0, POISON_KEY, &layout, err) != 0)
            return -1;
        for (size_t i = 0; i < expectation->count; i++) {
            const struct expected_output *output = &expectation->output[i];
            const struct tensor *tensor = &trial->tensor[output->argument];
            struct compare_tensor view = {.name = tensor->name,
                                          .type = tensor->type,
                                          .rank = tensor->rank,
                                          .shape = tensor->shape,
                                          .got = layout_data(&layout, &arena, output->argument, 0),
                                          .expected = output->value,
                                          .gauge = output->gauge};
            compare_measure(&view, &output->rule, &error[i][f]);
        }
    }
    for (size_t i = 0; i < expectation->count; i++) {
        struct expected_output *output = &expectation->output[i];
        compare_bound_from(&output->rule, error[i], 2, &output->bound);
        if (!output->bound.valid)
            return refuse_bound(trial, output, error[i][0].ratio, error[i][1].ratio, err);
    }
    return 0;
}

int oracle_answer(struct oracle *oracle, const struct trial *trial, struct expectation *expectation,
                  struct error *err) {
    if (allocate(trial, expectation, err) != 0)
        return -1;
    if (take_truth(oracle, trial, expectation, err) == 0 && oracle_bounds(oracle, trial, expectation, err) == 0)
        return 0;
    expectation_release(expectation);
    return -1;
}
