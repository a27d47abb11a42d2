/* SPDX-License-Identifier: MIT */
#include "grader/oracle_private.h"

#include <stdlib.h>
#include <string.h>

#include "grader/worker/protocol.h"

enum { REFERENCE_MS = 60000 };

_Static_assert((int)WORKER_FUNCTIONS_MAX >= (int)STUB_FUNCTIONS_MAX, "a reference has all its functions in one worker");

unsigned oracle_flags(int side) {
    return LAYOUT_SECRETS | (side == SIDE_WIDE ? LAYOUT_WIDE | LAYOUT_GAUGES : 0);
}

static void make_room(const struct layout *layout, size_t *input_bytes, size_t *output_bytes) {
    *input_bytes = layout->input_bytes > *input_bytes ? layout->input_bytes : *input_bytes;
    *output_bytes = layout->output_bytes > *output_bytes ? layout->output_bytes : *output_bytes;
}

/* One call, of a plain case or a stage. */
static void make_room_for_call(const struct trial *call, int side, size_t *input_bytes, size_t *output_bytes) {
    const bool generates = call->c->generate != NULL && side == SIDE_WIDE;
    struct layout layout;
    for (int writable = 0; writable <= generates; writable++) {
        layout_make(&layout, call, 1, LAYOUT_LEFT_64, oracle_flags(side) | (writable ? LAYOUT_WRITABLE : 0));
        make_room(&layout, input_bytes, output_bytes);
    }
}

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
        make_room_for_call(&trial, side, input_bytes, output_bytes);
        for (size_t k = 0; k < c->stage_count; k++) {
            struct trial stage;
            trial_stage(&trial, k, &stage);
            make_room_for_call(&stage, side, input_bytes, output_bytes);
        }
        if (side == SIDE_WIDE && spec_has_measures(trial.entry)) {
            layout_make_measure(&layout, &trial, spec_case_calls(c), oracle_flags(side));
            make_room(&layout, input_bytes, output_bytes);
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
        .threads = oracle->setup.threads > 0 ? oracle->setup.threads : 1,
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

void oracle_use_layout(struct oracle *oracle, int which, const struct layout *layout) {
    struct oracle_side *side = &oracle->side[which];
    if (memcmp(layout, &side->layout, sizeof *layout) != 0)
        side->serial++;
    side->layout = *layout;
}

void oracle_put_inputs(struct oracle *oracle, int which, const struct trial *trial, unsigned more_flags,
                       struct layout *layout) {
    struct oracle_side *side = &oracle->side[which];
    struct arena arena = {&side->inputs, &side->outputs};
    layout_make(layout, trial, 1, LAYOUT_LEFT_64, oracle_flags(which) | more_flags);
    layout_write(layout, &arena, trial, 0);
    oracle_use_layout(oracle, which, layout);
}

int oracle_call_in_place(struct oracle *oracle, int which, size_t function_index, const struct trial *trial,
                         const struct layout *layout, struct error *err) {
    struct oracle_side *side = &oracle->side[which];
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

int oracle_call(struct oracle *oracle, int which, size_t function_index, const struct trial *trial, unsigned more_flags,
                uint64_t poison_key, struct layout *layout, struct error *err) {
    struct arena arena = {&oracle->side[which].inputs, &oracle->side[which].outputs};
    oracle_put_inputs(oracle, which, trial, more_flags, layout);
    if (poison_key != 0)
        layout_poison_outputs(layout, &arena, trial, poison_key, 0);
    return oracle_call_in_place(oracle, which, function_index, trial, layout, err);
}

int oracle_generate(struct oracle *oracle, struct trial *trial, struct error *err) {
    if (trial->c->generate == NULL)
        return 0;
    struct layout layout;
    size_t index = stub_generate_index(trial->spec, trial->c->generate);
    if (oracle_call(oracle, SIDE_WIDE, index, trial, LAYOUT_WRITABLE, 0, &layout, err) != 0)
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
