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

int lap_open(struct lap *lap, size_t slots, struct error *err) {
    struct trial trial;
    if (trial_init(&trial, lap->g->request->spec, &lap->timing->family[0], err) != 0)
        return -1;
    layout_make(&lap->layout, &trial, slots, LAYOUT_LEFT_64, 0);
    trial_release(&trial);
    lap->layout_serial = ++lap->g->serial;
    if (memory_open(&lap->inputs, "timed inputs", lap->layout.input_bytes, true, err) != 0)
        return -1;
    for (int i = 0; i < LAP_SIDES; i++) {
        struct lap_side *side = &lap->side[i];
        if (memory_open(&side->outputs, "timed outputs", lap->layout.output_bytes, false, err) != 0)
            return -1;
        side->arena = (struct arena){&lap->inputs, &side->outputs};
        if (open_side(lap, i, err) != 0)
            return -1;
        layout_prepare(&lap->layout, &side->arena, lap->g->key);
    }
    return 0;
}

void lap_close(struct lap *lap) {
    for (int i = 0; i < LAP_SIDES; i++) {
        if (i == LAP_CANDIDATE && lap->side[i].run != NULL)
            grading_keep_output(lap->g, lap->side[i].run);
        run_close(lap->side[i].run);
        memory_release(&lap->side[i].outputs);
        lap->side[i].run = NULL;
    }
    memory_release(&lap->inputs);
}

struct content { /* what one slot of one pair holds, and what is right for it */
    struct trial trial;
    struct expectation answer;
    struct snapshot got[LAP_SIDES];
};

static void contents_release(struct content *content, size_t count) {
    for (size_t i = 0; content != NULL && i < count; i++) {
        trial_release(&content[i].trial);
        expectation_release(&content[i].answer);
        snapshot_release(&content[i].got[0]);
        snapshot_release(&content[i].got[1]);
    }
    free(content);
}

static int make_contents(struct lap *lap, struct content *content, struct error *err) {
    for (size_t i = 0; i < lap->calls; i++) {
        struct trial *trial = &content[i].trial;
        uint64_t number = lap->content++;
        if (trial_init(trial, lap->g->request->spec, family_of(lap, number), err) != 0)
            return -1;
        trial_fill(trial, lap->g->request->seed, number);
        if (oracle_generate(lap->oracle, trial, err) != 0)
            return -1;
        layout_write(&lap->layout, &lap->side[0].arena, trial, i);
    }
    return 0;
}

/* Puts the caches into the state that the spec asks for, the same before each side's GO. */
static void set_the_stage(struct lap *lap, struct lap_side *side, const struct content *content, uint64_t poison_key) {
    cores_visit_worker(&lap->cores);
    for (size_t i = 0; i < lap->calls; i++) {
        layout_write_inouts(&lap->layout, &side->arena, &content[i].trial, i);
        layout_poison_outputs(&lap->layout, &side->arena, &content[i].trial, poison_key, i);
    }
    void (*prepare)(const void *, size_t) = lap->timing->cold ? cores_flush : cores_touch;
    for (size_t a = 0; a < lap->layout.place_count; a++) {
        const struct place *place = &lap->layout.place[a];
        for (size_t i = 0; place->pointer && !place->null && i < lap->calls; i++)
            prepare(layout_data(&lap->layout, &side->arena, a, i), place->bytes);
    }
    cores_go_home(&lap->cores);
}

/* One GO of one side, with its snapshot. Returns the verdict of the run itself. */
static int go(struct lap *lap, int which, struct content *content, uint64_t poison_key, struct run_outcome *outcome,
              struct error *err) {
    struct lap_side *side = &lap->side[which];
    set_the_stage(lap, side, content, poison_key);
    struct run_call call = {.function_index = side->function_index,
                            .trial = &content[0].trial,
                            .layout = &lap->layout,
                            .layout_serial = lap->layout_serial,
                            .value = content[0].trial.c->value,
                            .calls = lap->calls,
                            .timed = true,
                            .deadline_ms = lap->g->request->spec->limits.call_ms * (int64_t)lap->calls};
    if (run_go(side->run, &call, outcome, err) != 0)
        return -1;
    for (size_t i = 0; i < lap->calls; i++) {
        struct expectation shape = {0};
        for (size_t a = 0; a < lap->layout.argument_count; a++)
            if (content[i].trial.tensor[a].role == SPEC_OUTPUT || content[i].trial.tensor[a].role == SPEC_INOUT)
                shape.output[shape.count++].argument = a;
        if (snapshot_take(&lap->layout, &side->arena, &shape, i, &content[i].got[which], err) != 0)
            return -1;
    }
    if (outcome->verdict == VERDICT_PASSED && run_settle(side->run, outcome, err) != 0)
        return -1;
    if (which == LAP_BASELINE && (outcome->verdict != VERDICT_PASSED || outcome->status != 0))
        return error_set(err, ERROR_CHALLENGE, "the baseline of %s failed in the timed case '%s': %s",
                         lap->g->request->spec->id, lap->timing->name, outcome->detail);
    return 0;
}

/* The bound of a timed content is the ensemble's on the first content of its family: both float32 algorithms on every
 * content would cost more than the timing itself, and within one family their errors are alike. */
static int set_bounds(struct lap *lap, struct content *content, uint64_t number, struct error *err) {
    struct expectation *known = &lap->family_bound[number % lap_families(lap)];
    if (known->count == 0 && oracle_answer(lap->oracle, &content->trial, ORACLE_FULL, known, err) != 0)
        return -1;
    for (size_t i = 0; i < content->answer.count; i++)
        content->answer.output[i].bound = known->output[i].bound;
    return 0;
}

static int check_contents(struct lap *lap, struct content *content, uint64_t first, uint64_t poison_key,
                          struct error *err) {
    struct grade_timing *result = lap->result;
    for (size_t i = 0; i < lap->calls && result->verdict == VERDICT_PASSED; i++) {
        if (grading_cancelled(lap->g))
            return error_set(err, ERROR_HARNESS, "interrupted");
        if (oracle_answer(lap->oracle, &content[i].trial, ORACLE_TRUTH, &content[i].answer, err) != 0 ||
            set_bounds(lap, &content[i], first + i, err) != 0)
            return -1;
        struct grade_output output[SPEC_ARGUMENTS_MAX] = {0};
        size_t failing = 0;
        struct grading_view view = {.trial = &content[i].trial,
                                    .layout = &lap->layout,
                                    .answer = &content[i].answer,
                                    .slot = i,
                                    .poison_key = poison_key,
                                    .got = content[i].got[LAP_CANDIDATE].output};
        result->verdict = grading_compare(&view, output, &failing, &result->used, err);
        if (result->verdict == VERDICT_HARNESS_ERROR)
            return -1;
        if (result->verdict != VERDICT_PASSED)
            snprintf(result->detail, sizeof result->detail,
                     "timed call %zu of %zu in GO %zu: %s is wrong, although the "
                     "untimed cases were right (%.3g times its tolerance)",
                     i + 1, lap->calls, lap->pair_count + 1, output[failing].name, output[failing].result.used);
    }
    return 0;
}

static void note_outcome(struct lap *lap, const struct run_outcome *outcome) {
    lap->result->verdict = outcome->verdict;
    snprintf(lap->result->detail, sizeof lap->result->detail, "%s", outcome->detail);
    if (outcome->verdict == VERDICT_PASSED && outcome->status != 0) {
        lap->result->verdict = VERDICT_WRONG_ANSWER;
        snprintf(lap->result->detail, sizeof lap->result->detail, "it returned %d; success is 0", outcome->status);
    }
}

/* One pair, in the order A B or B A; then every output of the candidate is checked. */
int lap_take_pair(struct lap *lap, struct timing_pair *pair, struct error *err) {
    struct content *content = calloc(lap->calls, sizeof *content);
    uint64_t first = lap->content, poison_key = lap->g->key + 0x100000000u + first;
    struct run_outcome outcome[LAP_SIDES];
    int status = -1, order = (int)(lap->pair_count % 2);
    if (content == NULL)
        return error_errno(err, "cannot make the contents of a timed call");
    if (make_contents(lap, content, err) != 0)
        goto out;
    for (int turn = 0; turn < LAP_SIDES; turn++) {
        int which = turn ^ order;
        if (go(lap, which, content, poison_key, &outcome[which], err) != 0)
            goto out;
        if (which == LAP_CANDIDATE) {
            note_outcome(lap, &outcome[which]);
            if (lap->result->verdict != VERDICT_PASSED) {
                status = 0;
                goto out;
            }
        }
    }
    struct layout_damage damage;
    if (layout_damaged(&lap->layout, &lap->side[LAP_CANDIDATE].arena, lap->g->key, &damage)) {
        lap->result->verdict = VERDICT_OUT_OF_BOUNDS;
        snprintf(lap->result->detail, sizeof lap->result->detail, "a timed call wrote %s[%lld]",
                 content[0].trial.tensor[damage.place].name, (long long)damage.element);
    }
    pair->candidate = outcome[LAP_CANDIDATE].side;
    pair->baseline = outcome[LAP_BASELINE].side;
    status = check_contents(lap, content, first, poison_key, err);
out:
    contents_release(content, lap->calls);
    return status;
}
