/* SPDX-License-Identifier: MIT */
/* Is it right? Every case is called four times, as the table of calls says, and every call must be right. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/grading.h"

enum { TIME_LIMITS_MAX = 2 };

struct visit {
    const char *name;
    size_t content;
    bool right; /* arguments end at the guard page; else they begin at one of the left variants */
};

/* The second call finds an answer cached by pointer, the third finds memory that is read before it is written and state
 * kept between calls, the fourth finds reads past the end and code that needs aligned arguments. */
static const struct visit visits[] = {
    {.name = "the first call", .content = 0},
    {.name = "the second call (new values in the same buffers)", .content = 1},
    {.name = "the third call (the first one's values again)", .content = 0},
    {.name = "the fourth call (arguments aligned to their elements only)", .content = 1, .right = true},
};
enum { VISITS = sizeof visits / sizeof *visits, FIRST_VISIT = 0, SAME_BITS_VISIT = 2 };

/* One worker for all cases; a new one after a death. */
struct classroom {
    struct memory inputs, outputs;
    struct arena arena;
    struct run *run;
    size_t time_limits;
};

int grading_prepare_questions(struct grading *g, struct error *err) {
    for (size_t i = 0; i < g->question_count; i++) {
        struct question *question = &g->question[i];
        if (grading_progress(g, "reference", i, g->question_count))
            return 0;
        for (size_t k = 0; k < QUESTION_CONTENTS; k++) {
            struct trial *trial = &question->trial[k];
            if (trial_init(trial, g->request->spec, question->c, err) != 0)
                return -1;
            trial_fill(trial, g->request->seed, k);
            if (oracle_generate(g->oracle, trial, err) != 0 ||
                oracle_answer(g->oracle, trial, &question->answer[k], err) != 0)
                return -1;
        }
    }
    return 0;
}

void grading_release_questions(struct grading *g) {
    for (size_t i = 0; i < g->question_count; i++)
        for (size_t k = 0; k < QUESTION_CONTENTS; k++) {
            trial_release(&g->question[i].trial[k]);
            expectation_release(&g->question[i].answer[k]);
        }
    free(g->question);
    g->question = NULL;
    g->question_count = 0;
}

static enum layout_variant variant_of(size_t question, const struct visit *visit) {
    return visit->right ? LAYOUT_RIGHT : (enum layout_variant)(question % LAYOUT_RIGHT);
}

static int open_memories(struct grading *g, struct classroom *room, struct error *err) {
    size_t input_bytes = 0, output_bytes = 0;
    for (size_t i = 0; i < g->question_count; i++)
        for (size_t v = 0; v < VISITS; v++) {
            struct layout layout;
            layout_make(&layout, &g->question[i].trial[0], 1, variant_of(i, &visits[v]), 0);
            if (layout.input_bytes > input_bytes)
                input_bytes = layout.input_bytes;
            if (layout.output_bytes > output_bytes)
                output_bytes = layout.output_bytes;
        }
    room->arena = (struct arena){&room->inputs, &room->outputs};
    if (memory_open(&room->inputs, "inputs", input_bytes, true, err) != 0)
        return -1;
    return memory_open(&room->outputs, "outputs", output_bytes, false, err);
}

static int open_worker(struct grading *g, struct classroom *room, struct grade_case *result, struct error *err) {
    struct run_setup setup;
    struct run_outcome outcome;
    if (room->run != NULL && !run_dead(room->run))
        return 0;
    if (room->run != NULL)
        grading_keep_output(g, room->run);
    run_close(room->run);
    room->run = NULL;
    grading_run_setup(g, &setup);
    setup.arena = room->arena;
    setup.pointer_capacity = LAYOUT_PLACES_MAX;
    setup.cpu = -1;
    if (run_open(&setup, &room->run, &outcome, err) != 0)
        return -1;
    result->verdict = outcome.verdict;
    snprintf(result->detail, sizeof result->detail, "%s", outcome.detail);
    return 0;
}

static void report_damage(struct grade_case *result, const struct trial *trial, const struct layout_damage *damage,
                          size_t call) {
    const struct tensor *tensor = &trial->tensor[damage->place];
    result->verdict = VERDICT_OUT_OF_BOUNDS;
    snprintf(result->detail, sizeof result->detail, "%s wrote %s[%lld]; %s holds %lld elements", visits[call].name,
             tensor->name, (long long)damage->element, tensor->name, (long long)tensor->count);
}

static bool same_bits(const struct layout *layout, const struct expectation *answer, const struct snapshot *a,
                      const struct snapshot *b, size_t *different) {
    for (size_t i = 0; i < answer->count; i++) {
        *different = i;
        if (memcmp(a->output[i], b->output[i], layout->place[answer->output[i].argument].bytes) != 0)
            return false;
    }
    return true;
}

struct exam { /* one case being examined */
    struct grading *g;
    struct classroom *room;
    size_t index;
    struct grade_case *result;
    struct snapshot first; /* the outputs of the first call */
};

static void judge_outputs(struct exam *exam, size_t call, const struct layout *layout, uint64_t poison_key,
                          struct snapshot *snapshot, struct error *err) {
    const struct question *question = &exam->g->question[exam->index];
    size_t content = visits[call].content;
    struct grade_case *result = exam->result;
    size_t failing = 0;
    struct pattern pattern;
    struct grading_view view = {.trial = &question->trial[content],
                                .layout = layout,
                                .answer = &question->answer[content],
                                .poison_key = poison_key,
                                .got = snapshot->output,
                                .pattern = &pattern};
    result->output_count = view.answer->count;
    result->verdict = grading_compare(&view, result->output, &failing, &result->used, err);
    if (result->verdict != VERDICT_PASSED) {
        result->worst = failing;
        result->has_pattern = true;
        result->pattern = pattern;
        if (call != FIRST_VISIT)
            snprintf(result->detail, sizeof result->detail,
                     "the first call was right; %s gave a wrong answer: is something "
                     "kept from the call before, or does it need aligned arguments?",
                     visits[call].name);
        return;
    }
    for (size_t i = 0; i < result->output_count; i++)
        if (result->output[i].result.used > result->output[result->worst].result.used)
            result->worst = i;
    size_t different = 0;
    if (call == SAME_BITS_VISIT && !same_bits(layout, view.answer, &exam->first, snapshot, &different)) {
        result->verdict = VERDICT_WRONG_ANSWER;
        result->worst = different;
        snprintf(result->detail, sizeof result->detail,
                 "the same inputs gave other bits in %s the second time: is memory read "
                 "before it is written, or something kept between calls?",
                 result->output[different].name);
    }
}

static int examine_call(struct exam *exam, size_t call, struct error *err) {
    struct grading *g = exam->g;
    const struct trial *trial = &g->question[exam->index].trial[visits[call].content];
    struct arena *arena = &exam->room->arena;
    struct grade_case *result = exam->result;
    uint64_t serial = ++g->serial, key = g->key + serial;
    struct layout layout;
    layout_make(&layout, trial, 1, variant_of(exam->index, &visits[call]), 0);
    layout_prepare(&layout, arena, key);
    layout_write(&layout, arena, trial, 0);
    layout_poison_outputs(&layout, arena, trial, key, 0);
    struct run_call go = {.function_index = trial->c->entry,
                          .trial = trial,
                          .layout = &layout,
                          .layout_serial = serial,
                          .value = trial->c->value,
                          .calls = 1,
                          .deadline_ms = g->request->spec->limits.call_ms};
    struct run_outcome outcome;
    if (run_go(exam->room->run, &go, &outcome, err) != 0)
        return -1;
    struct snapshot snapshot;
    if (snapshot_open(&layout, trial, &snapshot, err) != 0)
        return -1;
    snapshot_take(&layout, arena, 0, &snapshot);
    result->wall_ns += outcome.side.wall_ns;
    g->grade->flushes_denormals = g->grade->flushes_denormals || outcome.flushes_denormals;
    struct layout_damage damage;
    result->verdict = outcome.verdict;
    if (outcome.verdict != VERDICT_PASSED) {
        snprintf(result->detail, sizeof result->detail, "%s", outcome.detail);
        build_locate(&g->site, &g->job, outcome.instruction, result->place, sizeof result->place);
    } else if (layout_damaged(&layout, arena, key, &damage)) {
        report_damage(result, trial, &damage, call);
    } else if (outcome.status != 0) {
        result->verdict = VERDICT_WRONG_ANSWER;
        snprintf(result->detail, sizeof result->detail, "%s returned %d; success is 0", trial->entry->name,
                 outcome.status);
    } else {
        judge_outputs(exam, call, &layout, key, &snapshot, err);
    }
    if (call == FIRST_VISIT)
        exam->first = snapshot;
    else
        snapshot_release(&snapshot);
    return result->verdict == VERDICT_HARNESS_ERROR ? -1 : 0;
}

static int examine(struct exam *exam, struct error *err) {
    struct grade_case *result = exam->result;
    result->verdict = VERDICT_PASSED;
    if (open_worker(exam->g, exam->room, result, err) != 0)
        return -1;
    int status = 0;
    for (size_t call = 0; call < VISITS && status == 0 && result->verdict == VERDICT_PASSED; call++)
        status = examine_call(exam, call, err);
    snapshot_release(&exam->first);
    if (result->verdict == VERDICT_TIME_LIMIT)
        exam->room->time_limits++;
    return status;
}

int grading_correct(struct grading *g, struct error *err) {
    struct classroom room = {.inputs = MEMORY_INIT, .outputs = MEMORY_INIT};
    int status = open_memories(g, &room, err);
    for (size_t i = 0; i < g->question_count && status == 0; i++) {
        struct grade_case *result = &g->grade->cases[i];
        if (grading_progress(g, "correct", i, g->question_count))
            break;
        if (room.time_limits >= TIME_LIMITS_MAX) {
            snprintf(result->detail, sizeof result->detail, "not run: two cases before it did not return in time");
            continue;
        }
        struct exam exam = {.g = g, .room = &room, .index = i, .result = result};
        status = examine(&exam, err);
    }
    if (status != 0 && grading_cancelled(g))
        status = 0;
    if (room.run != NULL)
        grading_keep_output(g, room.run);
    run_close(room.run);
    memory_release(&room.inputs);
    memory_release(&room.outputs);
    return status;
}
