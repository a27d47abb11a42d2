/* SPDX-License-Identifier: MIT */
#include "grader/oracle.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/layout.h"
#include "grader/run.h"
#include "grader/stub.h"

enum { SIDE_WIDE, SIDE_NARROW, SIDES, REFERENCE_MS = 60000, POISON_KEY = 1 };

struct oracle_side {
    struct memory inputs, outputs;
    struct run *run;
    struct layout layout; /* of the last call: a worker need not set its guard pages again for the same one */
    uint64_t serial;
};

struct oracle {
    struct oracle_setup setup;
    struct stub_functions functions;
    const char *name[STUB_FUNCTIONS_MAX];
    struct oracle_side side[SIDES];
};

static const unsigned side_flags[SIDES] = {LAYOUT_WIDE | LAYOUT_GAUGES, 0};

/* The largest memories that any of the cases needs on this side. */
static int measure(const struct oracle *oracle, int side, size_t *input_bytes, size_t *output_bytes,
                   struct error *err) {
    *input_bytes = *output_bytes = 0;
    for (size_t i = 0; i < oracle->setup.case_count; i++) {
        const struct spec_case *c = oracle->setup.cases[i];
        struct trial trial;
        struct layout layout;
        if (trial_init(&trial, oracle->setup.spec, c, err) != 0)
            return -1;
        bool generates = c->generate != NULL && side == SIDE_WIDE;
        for (int writable = 0; writable <= generates; writable++) {
            layout_make(&layout, &trial, 1, LAYOUT_LEFT_64, side_flags[side] | (writable ? LAYOUT_WRITABLE : 0));
            if (layout.input_bytes > *input_bytes)
                *input_bytes = layout.input_bytes;
            if (layout.output_bytes > *output_bytes)
                *output_bytes = layout.output_bytes;
        }
        trial_release(&trial);
    }
    return 0;
}

static int open_side(struct oracle *oracle, int which, struct error *err) {
    struct oracle_side *side = &oracle->side[which];
    const struct build_pack *pack = oracle->setup.pack;
    size_t input_bytes, output_bytes;
    if (measure(oracle, which, &input_bytes, &output_bytes, err) != 0 ||
        memory_open(&side->inputs, "reference inputs", input_bytes, true, err) != 0 ||
        memory_open(&side->outputs, "reference outputs", output_bytes, false, err) != 0)
        return -1;
    struct run_setup setup = {
        .worker = pack->worker,
        .stub = which == SIDE_WIDE ? pack->oracle_stub : pack->baseline_stub,
        .solution = which == SIDE_WIDE ? pack->oracle : pack->baseline,
        .function = oracle->name,
        .function_count = oracle->functions.count,
        .arena = {&side->inputs, &side->outputs},
        .pointer_capacity = LAYOUT_PLACES_MAX,
        .support = oracle->setup.support,
        .limits = &oracle->setup.spec->limits,
        .trusted = true,
        .threads = 1,
        .cpu = -1,
        .cancel = oracle->setup.cancel,
    };
    struct run_outcome outcome;
    if (run_open(&setup, &side->run, &outcome, err) != 0)
        return -1;
    if (outcome.verdict != VERDICT_PASSED)
        return error_set(err, ERROR_CHALLENGE, "reference.c of %s cannot be loaded: %s", oracle->setup.spec->id,
                         outcome.detail);
    return 0;
}

int oracle_open(const struct oracle_setup *setup, struct oracle **out, struct error *err) {
    struct oracle *oracle = calloc(1, sizeof *oracle);
    if (oracle == NULL)
        return error_errno(err, "cannot start the reference");
    oracle->setup = *setup;
    stub_reference_functions(setup->spec, &oracle->functions);
    for (size_t i = 0; i < oracle->functions.count; i++)
        oracle->name[i] = oracle->functions.name[i];
    for (int i = 0; i < SIDES; i++)
        oracle->side[i].inputs = oracle->side[i].outputs = (struct memory)MEMORY_INIT;
    if (open_side(oracle, SIDE_WIDE, err) == 0 && open_side(oracle, SIDE_NARROW, err) == 0) {
        *out = oracle;
        return 0;
    }
    oracle_close(oracle);
    return -1;
}

void oracle_close(struct oracle *oracle) {
    if (oracle == NULL)
        return;
    for (int i = 0; i < SIDES; i++) {
        run_close(oracle->side[i].run);
        memory_release(&oracle->side[i].inputs);
        memory_release(&oracle->side[i].outputs);
    }
    free(oracle);
}

void oracle_blas(const struct oracle *oracle, char *core, size_t core_size, char *config, size_t config_size) {
    run_blas(oracle->side[SIDE_NARROW].run, core, core_size, config, config_size);
}

/* One call of a reference function on the trial's content. A poison key of 0 leaves the outputs as they are. */
static int call_reference(struct oracle *oracle, int which, size_t function_index, const struct trial *trial,
                          unsigned more_flags, uint64_t poison_key, struct layout *layout, struct error *err) {
    struct oracle_side *side = &oracle->side[which];
    struct arena arena = {&side->inputs, &side->outputs};
    layout_make(layout, trial, 1, LAYOUT_LEFT_64, side_flags[which] | more_flags);
    layout_write(layout, &arena, trial, 0);
    if (memcmp(layout, &side->layout, sizeof *layout) != 0)
        side->serial++;
    side->layout = *layout;
    if (poison_key != 0)
        layout_poison_outputs(layout, &arena, trial, poison_key, 0);
    struct run_call call = {.function_index = function_index,
                            .trial = trial,
                            .layout = layout,
                            .layout_serial = side->serial,
                            .value = trial->c->value,
                            .calls = 1,
                            .deadline_ms = REFERENCE_MS};
    struct run_outcome outcome;
    if (run_go(side->run, &call, &outcome, err) != 0)
        return -1;
    if (outcome.verdict != VERDICT_PASSED)
        return error_set(err, ERROR_CHALLENGE, "%s of the challenge %s failed in case '%s': %s",
                         oracle->name[function_index], trial->spec->id, trial->c->name, outcome.detail);
    if (outcome.status != 0)
        return error_set(err, ERROR_CHALLENGE, "%s of the challenge %s returned %d in case '%s'; it must return 0",
                         oracle->name[function_index], trial->spec->id, outcome.status, trial->c->name);
    return 0;
}

int oracle_generate(struct oracle *oracle, struct trial *trial, struct error *err) {
    if (trial->c->generate == NULL)
        return 0;
    struct layout layout;
    size_t index = stub_generate_index(trial->spec, trial->c->generate);
    if (call_reference(oracle, SIDE_WIDE, index, trial, LAYOUT_WRITABLE, 0, &layout, err) != 0)
        return -1;
    struct arena arena = {&oracle->side[SIDE_WIDE].inputs, &oracle->side[SIDE_WIDE].outputs};
    for (size_t a = 0; a < trial->tensor_count; a++) {
        struct tensor *tensor = &trial->tensor[a];
        if (tensor->data == NULL)
            continue;
        const void *made = layout_data(&layout, &arena, a, 0);
        if (layout.place[a].type == tensor->type)
            memcpy(tensor->data, made, tensor->bytes);
        else
            for (int64_t i = 0; i < tensor->count; i++)
                ((float *)tensor->data)[i] = (float)((const double *)made)[i];
    }
    return 0;
}

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
    if (call_reference(oracle, SIDE_WIDE, function, trial, 0, POISON_KEY, &layout, err) != 0)
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
    if (call_reference(oracle, SIDE_WIDE, function, trial, 0, 0, &layout, err) != 0)
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

/* Both float32 algorithms on the same content: the honest measure of what rounding costs here. */
int oracle_bounds(struct oracle *oracle, const struct trial *trial, struct expectation *expectation,
                  struct error *err) {
    struct compare_error error[SPEC_ARGUMENTS_MAX][2];
    struct arena arena = {&oracle->side[SIDE_NARROW].inputs, &oracle->side[SIDE_NARROW].outputs};
    const size_t function[2] = {stub_reference_index(trial->c->entry), stub_plain_index(trial->c->entry)};
    for (size_t f = 0; f < 2; f++) {
        struct layout layout;
        if (call_reference(oracle, SIDE_NARROW, function[f], trial, 0, POISON_KEY, &layout, err) != 0)
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
            return error_set(err, ERROR_CHALLENGE,
                             "case '%s' of %s proves nothing for %s: its own float32 reference is %.3g "
                             "gauges off (baseline %.3g, plain %.3g); the gauge or the reference is wrong",
                             trial->c->name, trial->spec->id, trial->tensor[output->argument].name,
                             output->bound.reference_ratio, error[i][0].ratio, error[i][1].ratio);
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
