/* SPDX-License-Identifier: MIT */
/* The table of proofs and who waits for whom. */
#include "grader/prove/prove.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/clock.h"
#include "grader/grading.h"
#include "grader/prove/proof.h"

enum { NEEDS_MAX = 2 };

struct row {
    const char *name, *title;
    proof_fn *prove;
    size_t needs_count;
    enum prove_step_id needs[NEEDS_MAX]; /* steps that must not have failed */
};

#define NEEDS(...)                                                                                                     \
    .needs_count = sizeof((enum prove_step_id[]){__VA_ARGS__}) / sizeof(enum prove_step_id), .needs = {__VA_ARGS__}

#define NEEDS_REFERENCE NEEDS(PROVE_REFERENCE, PROVE_BASELINE)

static const struct row rows[PROVE_STEPS] = {
    [PROVE_FILES] = {"files", "the spec is valid and every file is there", proof_files},
    [PROVE_CONTRACT] = {"contract", "header, spec and reference agree", proof_contract},
    [PROVE_REFERENCE] = {"reference", "finite, and the same every time", proof_reference, NEEDS(PROVE_CONTRACT)},
    [PROVE_BASELINE] = {"baseline", "float32 stays within its own tolerance", proof_baseline, NEEDS(PROVE_CONTRACT)},
    [PROVE_EXAMPLE] = {"example", "the statement's example is right", proof_example, NEEDS_REFERENCE},
    [PROVE_STARTER] = {"starter", "compiles and does not pass", proof_starter, NEEDS_REFERENCE},
    [PROVE_SOLUTIONS] = {"solutions", "each gets its promised verdict", proof_solutions, NEEDS_REFERENCE},
    [PROVE_MARGIN] = {"margin", "accepted ones are far from the limit", proof_margin, NEEDS_REFERENCE},
    [PROVE_POWER] = {"power", "lazy outputs are rejected", proof_power, NEEDS_REFERENCE},
    [PROVE_GRADIENT] = {"gradient", "gradients are derivatives", proof_gradient, NEEDS(PROVE_CONTRACT)},
    [PROVE_SENSITIVITY] = {"sensitivity", "every input matters", proof_sensitivity, NEEDS_REFERENCE},
    [PROVE_NOISE] = {"noise", "no verdict hangs on noise", proof_noise, NEEDS_REFERENCE},
    [PROVE_COST] = {"cost", "what a grading costs", proof_cost, NEEDS_REFERENCE},
};

static int open_proof(struct proof *proof, struct error *err) {
    const struct prove_request *request = proof->request;
    if (grading_open_machine(request->require, request->at_most, &proof->support, err) != 0)
        return -1;
    proof->answers = grade_answers_new();
    if (proof->answers == NULL)
        return error_errno(err, "cannot check %s", request->directory);
    return locate_find(&proof->parts, err) != 0 || scratch_open(&proof->scratch, err) != 0 ? -1 : 0;
}

static void close_proof(struct proof *proof) {
    oracle_close(proof->oracle);
    free(proof->cases);
    grade_answers_free(proof->answers);
    spec_free(proof->spec);
    scratch_release(&proof->scratch);
}

/* The first needed step that is not there, or PROVE_STEPS. */
static enum prove_step_id missing(const struct prove_report *report, const struct row *row) {
    for (size_t i = 0; i < row->needs_count; i++) {
        enum prove_state state = report->step[row->needs[i]].state;
        if (state == PROVE_FAILED || state == PROVE_SKIPPED)
            return row->needs[i];
    }
    return PROVE_STEPS;
}

static int take_step(struct proof *proof, size_t id, struct error *err) {
    struct prove_step *step = &proof->report->step[id];
    const bool alone = proof->request->word != NULL;
    const int64_t start_ns = clock_now_ns();
    if (alone && id != PROVE_FILES && id != PROVE_SOLUTIONS) {
        step->state = PROVE_SKIPPED;
        return 0;
    }
    const enum prove_step_id wanting = alone ? PROVE_STEPS : missing(proof->report, &rows[id]);
    /* Whatever else `files` finds, the rest can be tried once the spec is read. */
    const bool unread = id != PROVE_FILES && proof->spec == NULL;
    if (unread || wanting != PROVE_STEPS || proof_progress(proof, step, 0, 0)) {
        step->state = PROVE_SKIPPED;
        if (unread || wanting != PROVE_STEPS)
            snprintf(step->summary, sizeof step->summary, "not tried: `%s` must hold first",
                     rows[unread ? PROVE_FILES : wanting].name);
        return 0;
    }
    const int status = rows[id].prove(proof, step, err);
    step->wall_ns = clock_now_ns() - start_ns;
    return status;
}

static bool all_hold(const struct prove_report *report) {
    for (size_t id = 0; id < PROVE_STEPS; id++)
        if (report->step[id].state == PROVE_FAILED || report->step[id].state == PROVE_SKIPPED)
            return false;
    return !report->interrupted;
}

/* Nothing speaks against the pack but that some solution could not be timed. */
static bool only_noise(const struct prove_report *report) {
    size_t unstable = 0, failed = 0;
    for (size_t i = 0; i < report->solution_count; i++)
        unstable += report->solution[i].got == VERDICT_UNSTABLE;
    for (size_t id = 0; id < PROVE_STEPS; id++)
        for (size_t i = 0; i < report->step[id].finding_count; i++)
            failed += report->step[id].finding[i].state == PROVE_FAILED;
    return unstable > 0 && failed == unstable && !report->interrupted;
}

int prove_run(const struct prove_request *request, struct prove_report **out, struct error *err) {
    struct proof proof = {.request = request, .report = calloc(1, sizeof *proof.report)};
    struct prove_report *report = proof.report;
    const int64_t start_ns = clock_now_ns();
    if (report == NULL || (report->directory = strdup(request->directory)) == NULL) {
        free(report);
        return error_errno(err, "cannot check %s", request->directory);
    }
    report->weakest_rejection = 0;
    for (size_t id = 0; id < PROVE_STEPS; id++)
        report->step[id] = (struct prove_step){.name = rows[id].name, .title = rows[id].title};
    int status = open_proof(&proof, err);
    for (size_t id = 0; id < PROVE_STEPS && status == 0; id++)
        status = take_step(&proof, id, err);
    report->interrupted = request->cancel != NULL && *request->cancel != 0;
    if (report->interrupted)
        status = 0;
    report->proven = all_hold(report);
    report->undecided = !report->proven && only_noise(report);
    report->wall_ns = clock_now_ns() - start_ns;
    close_proof(&proof);
    if (status != 0) {
        prove_free(report);
        report = NULL;
    }
    *out = report;
    return status;
}

void prove_free(struct prove_report *report) {
    if (report == NULL)
        return;
    for (size_t id = 0; id < PROVE_STEPS; id++) {
        struct prove_step *step = &report->step[id];
        for (size_t i = 0; i < step->finding_count; i++) {
            free(step->finding[i].place);
            free(step->finding[i].what);
            free(step->finding[i].remedy);
        }
        free(step->finding);
    }
    for (size_t k = 0; k < report->gate_count; k++)
        free(report->gate[k]);
    free(report->solution);
    free(report->directory);
    free(report->id);
    free(report->version);
    free(report);
}

const char *prove_state_word(enum prove_state state) {
    static const char *const words[PROVE_STATES] = {
        [PROVE_OK] = "ok", [PROVE_NOTED] = "note", [PROVE_FAILED] = "FAILED", [PROVE_SKIPPED] = "skipped"};
    return words[state];
}
