/* SPDX-License-Identifier: MIT */
/* Candidate and baseline take turns on the same core and the same fresh contents; every output of every timed call is
 * checked against the oracle like any other. */
#include "grader/lap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/stub.h"

size_t lap_families(const struct lap *lap) {
    size_t count = lap->timing->family_count;
    return count < LAP_FAMILIES_MAX ? count : LAP_FAMILIES_MAX;
}

static const struct spec_case *family_of(const struct lap *lap, uint64_t content) {
    return &lap->timing->family[content % lap_families(lap)];
}

static int open_side(struct lap *lap, int which, struct error *err) {
    struct grading *g = lap->g;
    struct lap_side *side = &lap->side[which];
    struct run_setup setup;
    struct stub_functions functions;
    const char *name[STUB_FUNCTIONS_MAX];
    grading_run_setup(g, &setup);
    setup.arena = side->arena;
    setup.pointer_capacity = LAYOUT_PLACES_MAX * lap->layout.slots;
    setup.cpu = lap->cores.worker;
    side->function_index = lap->timing->family[0].entry;
    if (which == LAP_BASELINE) {
        stub_reference_functions(g->request->spec, &functions);
        for (size_t i = 0; i < functions.count; i++)
            name[i] = functions.name[i];
        setup.stub = g->pack.baseline_stub;
        setup.solution = g->pack.baseline;
        setup.function = name;
        setup.function_count = functions.count;
        setup.trusted = true;
        side->function_index = stub_reference_index(lap->timing->family[0].entry);
    }
    struct run_outcome outcome;
    if (run_open(&setup, &side->run, &outcome, err) != 0)
        return -1;
    return outcome.verdict == VERDICT_PASSED
               ? 0
               : error_set(err, ERROR_HARNESS, "a solution that loaded before could not be loaded again: %s",
                           outcome.detail);
}

static int open_slots(struct lap *lap, size_t calls, struct error *err) {
    lap->slot = calloc(calls, sizeof *lap->slot);
    lap->calls = lap->slot != NULL ? calls : 0;
    if (lap->slot == NULL)
        return error_errno(err, "cannot hold %zu timed calls", calls);
    for (size_t i = 0; i < calls; i++)
        if (trial_init(&lap->slot[i].trial, lap->g->request->spec, &lap->timing->family[0], err) != 0)
            return -1;
    layout_make(&lap->layout, &lap->slot[0].trial, calls, LAYOUT_LEFT_64, 0);
    lap->layout_serial = ++lap->g->serial;
    for (size_t i = 0; i < calls; i++)
        if (snapshot_open(&lap->slot[i].trial, &lap->slot[i].got, err) != 0)
            return -1;
    return 0;
}

static int open_sides(struct lap *lap, struct error *err) {
    for (int i = 0; i < LAP_SIDES; i++) {
        struct lap_side *side = &lap->side[i];
        side->arena = (struct arena){&lap->inputs, &lap->outputs[i ^ lap->swapped]};
        if (open_side(lap, i, err) != 0)
            return -1;
        layout_prepare(&lap->layout, &side->arena, lap->g->key);
    }
    return 0;
}

static void close_sides(struct lap *lap) {
    for (int i = 0; i < LAP_SIDES; i++) {
        if (i == LAP_CANDIDATE && lap->side[i].run != NULL)
            grading_keep_output(lap->g, lap->side[i].run);
        run_close(lap->side[i].run);
        lap->side[i].run = NULL;
    }
}

int lap_open(struct lap *lap, size_t calls, struct error *err) {
    if (open_slots(lap, calls, err) != 0 ||
        memory_open(&lap->inputs, "timed inputs", lap->layout.input_bytes, true, err) != 0)
        return -1;
    for (int i = 0; i < LAP_SIDES; i++)
        if (memory_open(&lap->outputs[i], "timed outputs", lap->layout.output_bytes, false, err) != 0)
            return -1;
    return open_sides(lap, err);
}

int lap_next_round(struct lap *lap, struct error *err) {
    close_sides(lap);
    lap->swapped = !lap->swapped;
    return open_sides(lap, err);
}

void lap_close(struct lap *lap) {
    close_sides(lap);
    for (int i = 0; i < LAP_SIDES; i++)
        memory_release(&lap->outputs[i]);
    memory_release(&lap->inputs);
    for (size_t i = 0; i < lap->calls; i++) {
        trial_release(&lap->slot[i].trial);
        snapshot_release(&lap->slot[i].got);
    }
    free(lap->slot);
    lap->slot = NULL;
    lap->calls = 0;
}

static int make_contents(struct lap *lap, struct error *err) {
    for (size_t i = 0; i < lap->calls; i++) {
        struct trial *trial = &lap->slot[i].trial;
        uint64_t number = lap->g->next_content++;
        trial->c = family_of(lap, number); /* all families have the same sizes: only the values differ */
        trial_fill(trial, lap->g->request->seed, number);
        if (oracle_generate(lap->oracle, trial, err) != 0)
            return -1;
        layout_write(&lap->layout, &lap->side[0].arena, trial, i);
    }
    return 0;
}

/* Puts the caches into the state that the spec asks for, the same before each side's GO. */
static void set_the_stage(struct lap *lap, struct lap_side *side, uint64_t poison_key) {
    cores_visit_worker(&lap->cores);
    for (size_t i = 0; i < lap->calls; i++) {
        layout_write_inouts(&lap->layout, &side->arena, &lap->slot[i].trial, i);
        layout_poison_outputs(&lap->layout, &side->arena, &lap->slot[i].trial, poison_key, i);
    }
    for (size_t a = 0; a < lap->layout.place_count; a++) {
        const struct place *place = &lap->layout.place[a];
        for (size_t i = 0; place->pointer && !place->null && i < lap->calls; i++) {
            const void *data = layout_data(&lap->layout, &side->arena, a, i);
            if (lap->timing->cold)
                cores_flush(data, place->bytes);
            else if (!place->writable)
                cores_touch(data, place->bytes);
        }
    }
    cores_go_home(&lap->cores);
}

/* The calls of a GO share the time limit of one: there are so many of them because they are short, and hundreds of slow
 * ones would hold the grader for minutes. */
static int64_t go_deadline_ms(const struct lap *lap) {
    const int64_t least_ms = 500;
    int64_t call_ms = lap->g->request->spec->limits.call_ms;
    return lap->calls > 1 && call_ms < least_ms ? least_ms : call_ms;
}

/* One GO of one side; the candidate's outputs are copied the moment it is done. */
static int go(struct lap *lap, int which, uint64_t poison_key, struct run_outcome *outcome, struct error *err) {
    struct lap_side *side = &lap->side[which];
    const struct spec *spec = lap->g->request->spec;
    set_the_stage(lap, side, poison_key);
    struct run_call call = {.function_index = side->function_index,
                            .trial = &lap->slot[0].trial,
                            .layout = &lap->layout,
                            .layout_serial = lap->layout_serial,
                            .value = lap->slot[0].trial.c->value,
                            .calls = lap->calls,
                            .timed = true,
                            .deadline_ms = go_deadline_ms(lap)};
    if (run_go(side->run, &call, outcome, err) != 0)
        return -1;
    for (size_t i = 0; which == LAP_CANDIDATE && i < lap->calls; i++)
        snapshot_take(&lap->layout, &side->arena, i, &lap->slot[i].got);
    if (outcome->verdict == VERDICT_PASSED && run_settle(side->run, outcome, err) != 0)
        return -1;
    if (which == LAP_BASELINE && (outcome->verdict != VERDICT_PASSED || outcome->status != 0))
        return error_set(err, ERROR_CHALLENGE, "the baseline of %s failed in the timed case '%s': %s", spec->id,
                         lap->timing->name, outcome->detail);
    return 0;
}

/* The bound of a timed content is the ensemble's on the first content of its family: both float32 algorithms on every
 * content would cost more than the timing itself, and within one family their errors are alike. */
static int answer(struct lap *lap, const struct trial *trial, uint64_t number, struct expectation *truth,
                  struct error *err) {
    struct lap_bounds *bounds = &lap->family[number % lap_families(lap)];
    if (oracle_truth(lap->oracle, trial, truth, err) != 0)
        return -1;
    if (!bounds->known && oracle_bounds(lap->oracle, trial, truth, err) != 0)
        return -1;
    for (size_t i = 0; i < truth->count; i++) {
        if (!bounds->known)
            bounds->output[i] = truth->output[i].bound;
        truth->output[i].bound = bounds->output[i];
    }
    bounds->known = true;
    return 0;
}

static int check_slot(struct lap *lap, size_t slot, uint64_t number, uint64_t poison_key, struct error *err) {
    struct grade_timing *result = lap->result;
    struct expectation truth;
    if (answer(lap, &lap->slot[slot].trial, number, &truth, err) != 0)
        return -1;
    struct grade_output output[SPEC_ARGUMENTS_MAX] = {0};
    size_t failing = 0;
    struct grading_view view = {.trial = &lap->slot[slot].trial,
                                .layout = &lap->layout,
                                .answer = &truth,
                                .slot = slot,
                                .poison_key = poison_key,
                                .got = lap->slot[slot].got.output};
    result->verdict = grading_compare(&view, output, &failing, &result->used, err);
    if (result->verdict == VERDICT_HARNESS_ERROR)
        return -1;
    if (result->verdict != VERDICT_PASSED)
        snprintf(result->detail, sizeof result->detail,
                 "timed call %zu of %zu in GO %zu: %s is wrong, although the untimed cases were right (%.3g times its "
                 "tolerance)",
                 slot + 1, lap->calls, lap->pair_count + 1, output[failing].name, output[failing].result.used);
    return 0;
}

static void note_outcome(struct lap *lap, const struct run_outcome *outcome) {
    struct grade_timing *result = lap->result;
    struct layout_damage damage;
    result->verdict = outcome->verdict;
    snprintf(result->detail, sizeof result->detail, "%s", outcome->detail);
    if (outcome->verdict != VERDICT_PASSED)
        return;
    if (outcome->status != 0) {
        result->verdict = VERDICT_WRONG_ANSWER;
        snprintf(result->detail, sizeof result->detail, "it returned %d; success is 0", outcome->status);
    } else if (layout_damaged(&lap->layout, &lap->side[LAP_CANDIDATE].arena, lap->g->key, &damage)) {
        result->verdict = VERDICT_OUT_OF_BOUNDS;
        snprintf(result->detail, sizeof result->detail, "a timed call wrote %s[%lld]",
                 lap->slot[0].trial.tensor[damage.place].name, (long long)damage.element);
    }
}

int lap_take_pair(struct lap *lap, struct timing_pair *pair, struct error *err) {
    uint64_t first = lap->g->next_content, poison_key = lap->g->key + 0x100000000u + first;
    /* Families alternate too: the second term keeps a family from always meeting the same order. */
    size_t families = lap_families(lap);
    int order = (int)((lap->pair_count + lap->pair_count / families) % 2);
    pair->family = lap->calls >= families ? 0 : (unsigned)(first % families);
    pair->baseline_first = order == 1;
    pair->swapped = lap->swapped;
    if (make_contents(lap, err) != 0)
        return -1;
    for (int turn = 0; turn < LAP_SIDES; turn++) {
        int which = turn ^ order;
        struct run_outcome outcome;
        if (go(lap, which, poison_key, &outcome, err) != 0)
            return -1;
        *(which == LAP_CANDIDATE ? &pair->candidate : &pair->baseline) = outcome.side;
        if (which == LAP_CANDIDATE)
            note_outcome(lap, &outcome);
        if (lap->result->verdict != VERDICT_PASSED)
            return 0;
    }
    for (size_t i = 0; i < lap->calls && lap->result->verdict == VERDICT_PASSED; i++) {
        if (grading_cancelled(lap->g))
            return error_set(err, ERROR_HARNESS, "interrupted");
        if (check_slot(lap, i, first + i, poison_key, err) != 0)
            return -1;
    }
    return 0;
}
