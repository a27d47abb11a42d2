/* SPDX-License-Identifier: MIT */
#include "grader/visit.h"

#include <stdio.h>
#include <string.h>

#include "grader/episode.h"
#include "grader/trap.h"

static const char undefined_behaviour[] =
    "undefined behaviour: a shift too far, a signed overflow, an index past an array's end, a division by zero, a null "
    "or misaligned pointer, or a value that its type cannot hold. In C a program means nothing from there on, so this "
    "challenge is built to stop at the place";

/* The second visit finds an answer cached by pointer, the third finds memory that is read before it is written and
 * state kept between calls, the fourth finds reads past the end and code that needs aligned arguments. */
static const struct visit visits[] = {
    {.ordinal = "first", .aside = ""},
    {.ordinal = "second", .aside = " (new values in the same buffers)", .content = 1},
    {.ordinal = "third", .aside = " (the first one's values again)", .again = true},
    {.ordinal = "fourth", .aside = " (arguments aligned to their elements only)", .content = 1, .right = true},
};

/* For calls that take long. Both end at the guard page, since no other visit would find a read past the end. */
static const struct visit short_visits[] = {
    {.ordinal = "first", .aside = "", .right = true},
    {.ordinal = "second", .aside = " (the first one's values again)", .right = true, .again = true},
};

const struct visit *visit_list(const struct spec_case *c, size_t *count) {
    const bool brief = c->contents == 1;
    *count = brief ? sizeof short_visits / sizeof *short_visits : sizeof visits / sizeof *visits;
    return brief ? short_visits : visits;
}

static bool is_first(const struct visit *visit) {
    return visit == &visits[0] || visit == &short_visits[0];
}

enum layout_variant visit_variant(size_t question, const struct visit *visit) {
    return visit->right ? LAYOUT_RIGHT : (enum layout_variant)(question % LAYOUT_RIGHT);
}

/* What is under way. */
struct pass {
    struct exam *exam;
    const struct visit *visit;
    const struct trial *trial; /* of the whole case */
    struct episode episode;
    struct snapshot got;
    const void *before[SPEC_ARGUMENTS_MAX]; /* what the call before gave, by argument */
    uint64_t first_key;                     /* of the first call's poison; those after it count up */
    size_t k, calls;
    struct layout layout; /* of call k */
};

/* " in stage 7 of 60", or nothing where there are no stages. */
static const char *stage_words(const struct pass *pass, char *text, size_t size) {
    text[0] = '\0';
    if (pass->trial->c->stage_count > 0)
        snprintf(text, size, " in stage %zu of %zu", pass->k + 1, pass->calls);
    return text;
}

static const char *noun(const struct pass *pass) {
    return pass->trial->c->stage_count > 0 ? "pass" : "call";
}

/* A process takes whatever it knows with it. The outputs' memory would outlive it, so that is a new one as well. */
static int end_worker(struct grading *g, struct classroom *room, struct error *err) {
    const size_t bytes = room->outputs.bytes;
    grading_keep_output(g, room->run);
    run_close(room->run);
    room->run = NULL;
    memory_release(&room->outputs);
    return memory_open(&room->outputs, "outputs", bytes, false, err);
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
    room->used = false;
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

static void report_death(const struct pass *pass, const struct run_outcome *outcome) {
    struct grading *g = pass->exam->g;
    struct grade_case *result = pass->exam->result;
    char stage[64];
    const bool trap = g->request->spec->strict_build && outcome->verdict == VERDICT_CRASHED &&
                      trap_is_at(g->solution, outcome->instruction);
    const char *words = stage_words(pass, stage, sizeof stage), *what = trap ? undefined_behaviour : outcome->detail;
    if (words[0] == '\0')
        snprintf(result->detail, sizeof result->detail, "%s", what);
    else
        snprintf(result->detail, sizeof result->detail, "%s: %.330s", words + 1, what);
    build_locate(&g->site, &g->job, outcome->instruction, result->place, sizeof result->place);
}

static void report_damage(const struct pass *pass, const struct layout_damage *damage) {
    struct grade_case *result = pass->exam->result;
    const struct tensor *tensor = &pass->episode.now.tensor[damage->place];
    char stage[64];
    result->verdict = VERDICT_OUT_OF_BOUNDS;
    stage_words(pass, stage, sizeof stage);
    snprintf(result->detail, sizeof result->detail, "the %s %s%s wrote %s[%lld]%s; %s holds %lld elements%s",
             pass->visit->ordinal, noun(pass), pass->visit->aside, tensor->name, (long long)damage->element, stage,
             tensor->name, (long long)tensor->count, stage[0] != '\0' ? " there" : "");
}

static void report_status(const struct pass *pass, int status) {
    struct grade_case *result = pass->exam->result;
    char stage[64];
    result->verdict = VERDICT_WRONG_ANSWER;
    snprintf(result->detail, sizeof result->detail, "%s returned %d%s; success is 0", pass->trial->entry->name, status,
             stage_words(pass, stage, sizeof stage));
}

/* Puts call k into the memories that the worker sees, and nothing of later ones. */
static void lay_out(struct pass *pass, uint64_t key) {
    const struct arena *arena = &pass->exam->room->arena;
    const struct trial *now = &pass->episode.now;
    layout_make(&pass->layout, now, 1, visit_variant(pass->exam->index, pass->visit), 0);
    layout_prepare(&pass->layout, arena, key);
    layout_write(&pass->layout, arena, now, 0);
    layout_poison_outputs(&pass->layout, arena, now, key, 0);
}

/* Enters call k with a worker ready for it; the verdict is not PASSED if there can be none. */
static int begin_call(struct pass *pass, struct error *err) {
    struct exam *exam = pass->exam;
    struct classroom *room = exam->room;
    episode_enter(&pass->episode, pass->k, pass->before);
    const struct spec_case *c = pass->episode.now.c;
    if (pass->trial->c->stage_count > 0 && oracle_generate(exam->g->oracle, &pass->episode.now, err) != 0)
        return -1;
    if (c->fresh && room->used && end_worker(exam->g, room, err) != 0)
        return -1;
    return open_worker(exam->g, room, exam->result, err);
}

static void keep_outputs(struct pass *pass) {
    struct snapshot *got = &pass->got;
    snapshot_take_call(&pass->layout, &pass->exam->room->arena, 0, pass->k, got);
    for (size_t i = 0; i < got->count; i++)
        pass->before[got->argument[i]] = (unsigned char *)got->output[i] + pass->k * got->bytes[i];
}

static int make_call(struct pass *pass, struct error *err) {
    struct exam *exam = pass->exam;
    struct grading *g = exam->g;
    struct grade_case *result = exam->result;
    if (begin_call(pass, err) != 0)
        return -1;
    if (result->verdict != VERDICT_PASSED)
        return 0;
    const struct trial *now = &pass->episode.now;
    const uint64_t serial = ++g->serial, key = g->key + serial;
    lay_out(pass, key);
    const struct run_call go = {.function_index = now->c->entry,
                                .trial = now,
                                .layout = &pass->layout,
                                .layout_serial = serial,
                                .value = now->c->value,
                                .calls = 1,
                                .deadline_ms = g->request->spec->limits.call_ms};
    struct run_outcome outcome;
    exam->room->used = true;
    if (run_go(exam->room->run, &go, &outcome, err) != 0)
        return -1;
    keep_outputs(pass);
    result->wall_ns += outcome.side.wall_ns;
    result->call_count++;
    g->grade->flushes_denormals = g->grade->flushes_denormals || outcome.flushes_denormals;
    struct layout_damage damage;
    result->verdict = outcome.verdict;
    if (outcome.verdict != VERDICT_PASSED)
        report_death(pass, &outcome);
    else if (layout_damaged(&pass->layout, &exam->room->arena, key, &damage))
        report_damage(pass, &damage);
    else if (outcome.status != 0)
        report_status(pass, outcome.status);
    return 0;
}

/* The first output, and the first call of it, in which two visits differ. */
static bool same_bits(const struct snapshot *a, const struct snapshot *b, size_t calls, size_t *output, size_t *k) {
    for (*k = 0; *k < calls; ++*k)
        for (*output = 0; *output < a->count; ++*output) {
            const size_t bytes = a->bytes[*output], at = *k * bytes;
            if (memcmp((unsigned char *)a->output[*output] + at, (unsigned char *)b->output[*output] + at, bytes) != 0)
                return false;
        }
    return true;
}

static void compare_bits(struct pass *pass) {
    struct grade_case *result = pass->exam->result;
    size_t output;
    char stage[64];
    if (same_bits(&pass->exam->first, &pass->got, pass->calls, &output, &pass->k))
        return;
    result->verdict = VERDICT_WRONG_ANSWER;
    result->worst = output;
    snprintf(result->detail, sizeof result->detail,
             "the same inputs gave other bits in %s%s the second time: is memory read before it is written, or "
             "something kept between calls?",
             result->output[output].name, stage_words(pass, stage, sizeof stage));
}

static void judge_outputs(struct pass *pass, struct error *err) {
    struct exam *exam = pass->exam;
    struct grade_case *result = exam->result;
    size_t failing = 0;
    struct pattern pattern;
    const struct grading_view view = {.trial = pass->trial,
                                      .layout = &pass->layout,
                                      .answer = &exam->g->question[exam->index].answer[pass->visit->content],
                                      .oracle = exam->g->oracle,
                                      .poison_key = pass->first_key,
                                      .got = pass->got.output,
                                      .pattern = &pattern,
                                      .curves = result};
    result->output_count = view.answer->count;
    result->verdict = grading_compare(&view, result->output, &failing, &result->used, err);
    while (result->output_count > 0 && result->output[result->output_count - 1].name == NULL) /* not measured */
        result->output_count--;
    if (result->verdict != VERDICT_PASSED) {
        result->worst = failing;
        result->has_pattern = true;
        result->pattern = pattern;
        if (!is_first(pass->visit))
            snprintf(result->detail, sizeof result->detail,
                     "the first %s was right; the %s %s%s gave a wrong answer: is something kept from the %s before, "
                     "or does it need aligned arguments?",
                     noun(pass), pass->visit->ordinal, noun(pass), pass->visit->aside, noun(pass));
        return;
    }
    for (size_t i = 0; i < result->output_count; i++)
        if (result->output[i].result.used > result->output[result->worst].result.used)
            result->worst = i;
    if (pass->visit->again)
        compare_bits(pass);
}

/* What a visit before left behind the end of a prefix is not to be found there. */
static void clear_inputs(struct pass *pass) {
    struct layout layout;
    const struct memory *inputs = pass->exam->room->arena.inputs;
    layout_make(&layout, pass->trial, 1, visit_variant(pass->exam->index, pass->visit), 0);
    memset(inputs->base, 0, layout.input_bytes < inputs->bytes ? layout.input_bytes : inputs->bytes);
}

int visit_make(struct exam *exam, const struct visit *visit, struct error *err) {
    const struct trial *trial = &exam->g->question[exam->index].trial[visit->content];
    struct pass pass = {.exam = exam,
                        .visit = visit,
                        .trial = trial,
                        .first_key = exam->g->key + exam->g->serial + 1,
                        .calls = spec_case_calls(trial->c)};
    if (snapshot_open(trial, &pass.got, err) != 0)
        return -1;
    int status = episode_open(&pass.episode, trial, err);
    if (status == 0 && trial->c->stage_count > 0)
        clear_inputs(&pass);
    while (status == 0 && exam->result->verdict == VERDICT_PASSED && pass.k < pass.calls) {
        status = make_call(&pass, err);
        pass.k++;
    }
    if (status == 0 && exam->result->verdict == VERDICT_PASSED)
        judge_outputs(&pass, err);
    episode_release(&pass.episode);
    if (is_first(visit))
        exam->first = pass.got;
    else
        snapshot_release(&pass.got);
    return status != 0 || exam->result->verdict == VERDICT_HARNESS_ERROR ? -1 : 0;
}
