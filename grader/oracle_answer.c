/* SPDX-License-Identifier: MIT */
/* What the reference's workers left in their memories, as answers with gauges and bounds. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grader/oracle_private.h"

/* Floats are kept as double whatever they were; the wide reference gives float64 for float32 outputs already. */
static void keep_value(const struct place *place, const void *from, void *to) {
    if (!dtype_info(place->type)->floating || place->type == DTYPE_F64) {
        memcpy(to, from, place->bytes);
        return;
    }
    for (int64_t i = 0; i < place->count; i++)
        ((double *)to)[i] = dtype_load(place->type, from, (size_t)i);
}

static double longest_reduction(const struct spec_case *c, size_t a) {
    double most = c->stage_count > 0 ? 0 : c->reduction[a];
    for (size_t k = 0; k < c->stage_count; k++)
        most = fmax(most, c->stage[k].reduction[a]);
    return most;
}

/* The outputs of all stages are one array; a measure is of the whole. */
static void shape_output(const struct tensor *tensor, size_t stages, struct expected_output *output) {
    const size_t leading = stages > 0 && tensor->role != SPEC_MEASURE;
    output->shape[0] = (int64_t)stages;
    output->count = leading > 0 ? tensor->count * (int64_t)stages : tensor->count;
    output->rank = tensor->rank + leading;
    for (size_t i = 0; i < tensor->rank; i++)
        output->shape[leading + i] = tensor->shape[i];
}

/* Everything but where values and gauges lie. Measures stand behind all outputs, as they do in the entry. */
static void list_outputs(const struct trial *trial, struct expectation *expectation) {
    *expectation = (struct expectation){0};
    for (size_t a = 0; a < trial->tensor_count; a++) {
        const struct tensor *tensor = &trial->tensor[a];
        if (!spec_role_is_output(tensor->role) && tensor->role != SPEC_MEASURE)
            continue;
        const struct spec_tolerance *tolerance = &trial->entry->argument[a].tolerance;
        struct expected_output *output = &expectation->output[expectation->count++];
        *output = (struct expected_output){.argument = a,
                                           .rule = {.rule = tolerance->rule,
                                                    .reduction = longest_reduction(trial->c, a),
                                                    .limit = tolerance->limit,
                                                    .floor = tolerance->floor,
                                                    .strict_denormal = trial->c->strict_denormal}};
        shape_output(tensor, trial->c->stage_count, output);
    }
}

static int allocate(const struct trial *trial, struct expectation *expectation, struct error *err) {
    size_t doubles = 0;
    list_outputs(trial, expectation);
    for (size_t i = 0; i < expectation->count; i++)
        doubles += 2 * ((size_t)expectation->output[i].count + 1);
    expectation->storage = calloc(doubles + 1, sizeof(double));
    if (expectation->storage == NULL)
        return error_errno(err, "cannot keep the answers of case '%s'", trial->c->name);
    double *next = expectation->storage;
    for (size_t i = 0; i < expectation->count; i++) {
        struct expected_output *output = &expectation->output[i];
        int64_t count = output->count;
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

/* The answer as one stage has it: its arrays begin where the stage's elements do. */
static struct expected_output part_of(const struct expected_output *output, enum dtype type, size_t stage) {
    struct expected_output part = *output;
    const size_t bytes = dtype_info(type)->floating ? sizeof(double) : dtype_info(type)->bytes;
    if (stage == 0)
        return part;
    const size_t before = stage * (size_t)(output->count / output->shape[0]);
    part.value = (unsigned char *)output->value + before * bytes;
    part.gauge = output->gauge != NULL ? output->gauge + before : NULL;
    return part;
}

/* What the wide side left of one call: that of a plain case, or a stage. */
static int take_call(void *context, size_t stage, const struct trial *call, const struct layout *layout,
                     const struct arena *arena, struct error *err) {
    const struct expectation *expectation = context;
    for (size_t i = 0; i < expectation->count; i++) {
        const size_t a = expectation->output[i].argument;
        if (!spec_role_is_output(call->tensor[a].role))
            continue;
        const struct expected_output part = part_of(&expectation->output[i], call->tensor[a].type, stage);
        keep_value(&layout->place[a], layout_data(layout, arena, a, 0), part.value);
        if (part.gauge != NULL)
            memcpy(part.gauge, layout_data(layout, arena, layout->gauge_place[a], 0),
                   (size_t)call->tensor[a].count * sizeof(double));
        if (check_truth(call, layout, arena, &part, err) != 0)
            return -1;
    }
    return 0;
}

static int take_truth(struct oracle *oracle, const struct trial *trial, struct expectation *expectation,
                      struct error *err) {
    struct layout layout;
    const struct arena arena = {&oracle->side[SIDE_WIDE].inputs, &oracle->side[SIDE_WIDE].outputs};
    const size_t function = stub_reference_index(trial->c->entry);
    const struct oracle_walk walk = {
        .oracle = oracle, .which = SIDE_WIDE, .function = function, .take = take_call, .context = expectation};
    int status;
    if (trial->c->stage_count > 0) {
        status = oracle_walk_stages(&walk, trial, err);
    } else {
        status = oracle_call(oracle, SIDE_WIDE, function, trial, 0, POISON_KEY, &layout, err);
        if (status == 0)
            status = take_call(expectation, 0, trial, &layout, &arena, err);
    }
    return status != 0 ? -1 : oracle_measure_truth(oracle, trial, spec_case_calls(trial->c), expectation, err);
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
    assert(!spec_has_measures(trial->entry)); /* [spec] refuses to time such an entry */
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
    if (output->rule.rule == SPEC_RULE_CURVE)
        return error_set(err, ERROR_CHALLENGE,
                         "%s in case '%s' of %s: in float32 the reference is up to %.3g off and the plain algorithm "
                         "%.3g, but the cap is %.3g; make the case shorter or better conditioned, or raise the cap",
                         name, trial->c->name, id, baseline, plain, output->rule.limit);
    if (output->rule.rule == SPEC_RULE_AT_LEAST)
        return error_set(err, ERROR_CHALLENGE,
                         "%s in case '%s' of %s: in float32 the reference or the plain algorithm stays below %.6g; "
                         "lower the limit or mend the two",
                         name, trial->c->name, id, output->rule.limit);
    if (output->rule.rule == SPEC_RULE_JUDGED)
        return error_set(err, ERROR_CHALLENGE,
                         "%s in case '%s' of %s: in float32 the reference or the plain algorithm gives NaN or "
                         "infinity; mend it",
                         name, trial->c->name, id);
    const bool apart = !(baseline < 100 * fmax(plain, 1)) || !(plain < 100 * fmax(baseline, 1));
    return error_set(err, ERROR_CHALLENGE,
                     "%s in case '%s' of %s: in float32 the reference is %.3g units of rounding off and the plain "
                     "algorithm %.3g; %s",
                     name, trial->c->name, id, baseline, plain,
                     apart ? "they do not compute the same, so one of the two is wrong"
                           : "both are too far off: the gauge is too small, or the reference loses too much");
}

/* Where one float32 algorithm's outputs are, by argument: in its worker's memory, or in *storage with stages. */
static int run_narrow(struct oracle *oracle, size_t function, const struct trial *trial, const void **got,
                      void **storage, struct error *err) {
    const struct arena arena = {&oracle->side[SIDE_NARROW].inputs, &oracle->side[SIDE_NARROW].outputs};
    struct layout layout;
    if (trial->c->stage_count > 0)
        return oracle_collect_stages(oracle, function, trial, NULL, got, storage, err);
    if (oracle_call(oracle, SIDE_NARROW, function, trial, 0, POISON_KEY, &layout, err) != 0)
        return -1;
    for (size_t a = 0; a < trial->tensor_count; a++)
        if (spec_role_is_output(trial->tensor[a].role))
            got[a] = layout_data(&layout, &arena, a, 0);
    return 0;
}

static int measure_narrow(struct oracle *oracle, size_t function, const struct trial *trial,
                          const struct expectation *expectation, size_t algorithm,
                          struct compare_error (*error)[ORACLE_ALGORITHMS], struct error *err) {
    const void *got[SPEC_ARGUMENTS_MAX] = {NULL};
    void *storage = NULL;
    int status = run_narrow(oracle, function, trial, got, &storage, err);
    for (size_t i = 0; i < expectation->count && status == 0; i++) {
        const struct expected_output *output = &expectation->output[i];
        const struct tensor *tensor = &trial->tensor[output->argument];
        if (!spec_role_is_output(tensor->role))
            continue;
        struct compare_tensor view = {.name = tensor->name,
                                      .type = tensor->type,
                                      .rank = output->rank,
                                      .shape = output->shape,
                                      .got = got[output->argument],
                                      .expected = output->value,
                                      .gauge = output->gauge};
        compare_measure(&view, &output->rule, &error[i][algorithm]);
    }
    if (status == 0)
        status =
            oracle_measure_errors(oracle, trial, spec_case_calls(trial->c), got, expectation, algorithm, error, err);
    free(storage);
    return status;
}

/* Both float32 algorithms on the same content: the honest measure of what rounding costs here. */
int oracle_bounds(struct oracle *oracle, const struct trial *trial, struct expectation *expectation,
                  struct error *err) {
    struct compare_error error[SPEC_ARGUMENTS_MAX][ORACLE_ALGORITHMS];
    const size_t function[ORACLE_ALGORITHMS] = {stub_reference_index(trial->c->entry),
                                                stub_plain_index(trial->c->entry)};
    for (size_t f = 0; f < ORACLE_ALGORITHMS; f++)
        if (measure_narrow(oracle, function[f], trial, expectation, f, error, err) != 0)
            return -1;
    for (size_t i = 0; i < expectation->count; i++) {
        struct expected_output *output = &expectation->output[i];
        compare_bound_from(&output->rule, error[i], ORACLE_ALGORITHMS, &output->bound);
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
