/* SPDX-License-Identifier: MIT */
/* The corridor. The candidate's file compiles in the background while the reference answers the questions. */
#include "grader/grade.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/clock.h"
#include "grader/grading.h"
#include "grader/score.h"

static bool is_wanted(const struct spec *spec, size_t index, const char *only) {
    char number[24];
    snprintf(number, sizeof number, "%zu", index + 1);
    return only == NULL || strcmp(only, spec->cases[index].name) == 0 || strcmp(only, number) == 0;
}

static int list_questions(struct grading *g, struct error *err) {
    const struct spec *spec = g->request->spec;
    struct grade *grade = g->grade;
    g->question = calloc(spec->case_count, sizeof *g->question);
    grade->cases = calloc(spec->case_count, sizeof *grade->cases);
    grade->timing = calloc(spec->timing_count + 1, sizeof *grade->timing);
    if (g->question == NULL || grade->cases == NULL || grade->timing == NULL)
        return error_errno(err, "cannot list the cases of %s", spec->id);
    for (size_t i = 0; i < spec->case_count; i++) {
        const struct spec_case *c = &spec->cases[i];
        if (!is_wanted(spec, i, g->request->only_case))
            continue;
        struct grade_case *result = &grade->cases[g->question_count];
        g->question[g->question_count++].c = c;
        *result = (struct grade_case){
            .name = c->name, .catches = c->catches, .hidden = c->hidden, .number = i + 1, .verdict = VERDICT_SKIPPED};
        if (spec->gate_count > 0)
            result->gate = spec->gate[c->gate].name;
        spec_case_sizes(spec, c, result->sizes, sizeof result->sizes);
    }
    grade->case_count = g->question_count;
    if (g->question_count == 0)
        return error_set(err, ERROR_USER, "%s has no case '%s'; `harness show %s` lists them (1 to %zu)", spec->id,
                         g->request->only_case, spec->id, spec->case_count);
    return 0;
}

static void list_timing(struct grading *g) {
    const struct spec *spec = g->request->spec;
    struct grade *grade = g->grade;
    if (!g->request->timing || g->request->only_case != NULL)
        return;
    grade->timing_count = spec->timing_count;
    for (size_t i = 0; i < spec->timing_count; i++) {
        grade->timing[i] = (struct grade_timing){.name = spec->timing[i].name,
                                                 .verdict = VERDICT_SKIPPED,
                                                 .ratio_needed = spec->ratio_zero,
                                                 .threads = g->threads};
        spec_case_sizes(spec, &spec->timing[i].family[0], grade->timing[i].sizes, sizeof grade->timing[i].sizes);
    }
}

static int open_reference(struct grading *g, struct error *err) {
    const struct spec_case **cases = calloc(g->question_count, sizeof *cases);
    if (cases == NULL)
        return error_errno(err, "cannot start the reference");
    for (size_t i = 0; i < g->question_count; i++)
        cases[i] = g->question[i].c;
    struct oracle_setup setup = {.spec = g->request->spec,
                                 .pack = &g->pack,
                                 .support = &g->support,
                                 .cases = cases,
                                 .case_count = g->question_count,
                                 .cancel = g->request->cancel};
    int status = oracle_open(&setup, &g->oracle, err);
    free(cases);
    if (status == 0)
        oracle_blas(g->oracle, g->grade->blas_core, sizeof g->grade->blas_core, g->grade->blas_config,
                    sizeof g->grade->blas_config);
    return status;
}

static void hash_submission(struct grading *g) {
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, (const unsigned char *)g->job.source, g->job.source_bytes);
    sodium_bin2hex(g->grade->sha256, sizeof g->grade->sha256, digest, sizeof digest);
}

/* When the reference workers' cores are needed for nothing else: an idle process cannot disturb a measurement. */
static void close_reference(struct grading *g) {
    oracle_close(g->oracle);
    g->oracle = NULL;
}

/* Measures are taken of what the candidate hands in, and the generator of a stage may change it: the reference has to
 * stay until then. */
static bool is_needed_later(const struct spec *spec) {
    for (size_t e = 0; e < spec->entry_count; e++)
        if (spec_has_measures(&spec->entry[e]))
            return true;
    for (size_t i = 0; i < spec->case_count; i++)
        for (size_t k = 0; k < spec->cases[i].stage_count; k++)
            if (spec->cases[i].stage[k].generate != NULL)
                return true;
    return false;
}

/* Compiles while the reference computes; returns with both done. */
static int build(struct grading *g, struct error *err) {
    int64_t start_ns = clock_now_ns();
    grading_progress(g, "build", 0, 0);
    if (build_start(&g->site, g->request->file, &g->job, err) != 0)
        return -1;
    hash_submission(g);
    const bool later = is_needed_later(g->request->spec);
    if (build_pack(&g->site, &g->pack, err) != 0 ||
        ((later || !grading_has_answers(g)) && open_reference(g, err) != 0) || grading_prepare_questions(g, err) != 0)
        return -1;
    if (!later)
        close_reference(g);
    int status = build_finish(&g->site, &g->job, &g->grade->build, g->solution, err);
    g->grade->stage_ns[GRADE_BUILD] = clock_now_ns() - start_ns;
    return status;
}

static bool all_passed(const struct grade *grade) {
    for (size_t i = 0; i < grade->case_count; i++)
        if (grade->cases[i].verdict != VERDICT_PASSED)
            return false;
    return true;
}

static int examine(struct grading *g, struct error *err) {
    struct grade *grade = g->grade;
    int64_t start_ns = clock_now_ns();
    if (grading_correct(g, err) != 0)
        return -1;
    close_reference(g);
    grade->stage_ns[GRADE_CORRECT] = clock_now_ns() - start_ns;
    grading_release_questions(g);
    if (grade->timing_count == 0 || !all_passed(grade) || grading_cancelled(g))
        return 0;
    if (grading_take_turn(g, TURN_MEASURE, err) != 0 || machine_roof_load(&grade->machine, err) != 0)
        return -1;
    start_ns = clock_now_ns();
    int status = grading_timed(g, err);
    grade->stage_ns[GRADE_SPEED] = clock_now_ns() - start_ns;
    return status;
}

/* What the table says first decides: a forged time weighs more than a slow one. */
static const enum verdict speed_order[] = {VERDICT_UNSTABLE, VERDICT_TOO_SLOW};

static void decide_speed(struct grade *grade) {
    for (size_t i = 0; i < grade->timing_count; i++) {
        enum verdict verdict = grade->timing[i].verdict;
        bool about_speed = verdict == VERDICT_UNSTABLE || verdict == VERDICT_TOO_SLOW || verdict == VERDICT_SKIPPED;
        if (verdict == VERDICT_PASSED || about_speed)
            continue;
        grade->verdict = verdict;
        grade->deciding = i;
        return;
    }
    for (size_t k = sizeof speed_order / sizeof *speed_order; k-- > 0;)
        for (size_t i = 0; i < grade->timing_count; i++)
            if (grade->timing[i].verdict == speed_order[k] && grade->verdict == VERDICT_PASSED) {
                grade->verdict = speed_order[k];
                grade->deciding = i;
            }
}

static void decide(struct grade *grade) {
    grade->verdict = VERDICT_PASSED;
    if (grade->build.verdict != VERDICT_PASSED) {
        bool rejected = grade->build.verdict == VERDICT_REJECTED_BINARY;
        grade->verdict = rejected ? VERDICT_REJECTED_BINARY : VERDICT_COMPILE_ERROR;
        grade->decided_by = GRADE_BUILD;
        memcpy(grade->detail, grade->build.detail, sizeof grade->detail);
        return;
    }
    for (size_t i = 0; i < grade->case_count && grade->verdict == VERDICT_PASSED; i++)
        if (grade->cases[i].verdict != VERDICT_PASSED) {
            grade->verdict = grade->cases[i].verdict;
            grade->decided_by = GRADE_CORRECT;
            grade->deciding = i;
            memcpy(grade->detail, grade->cases[i].detail, sizeof grade->detail);
        }
    if (grade->verdict != VERDICT_PASSED)
        return;
    grade->decided_by = GRADE_SPEED;
    decide_speed(grade);
    /* Half a grading in which nothing was wrong so far is no pass. */
    if (grade->verdict == VERDICT_PASSED && grade->interrupted)
        grade->verdict = VERDICT_SKIPPED;
    else if (grade->verdict != VERDICT_PASSED)
        memcpy(grade->detail, grade->timing[grade->deciding].detail, sizeof grade->detail);
}

static void count_points(struct grading *g) {
    const struct spec *spec = g->request->spec;
    struct grade *grade = g->grade;
    double ratio[64];
    size_t timed = 0, passed = 0;
    for (size_t i = 0; i < grade->timing_count && timed < 64; i++)
        if (grade->timing[i].verdict == VERDICT_PASSED || grade->timing[i].verdict == VERDICT_TOO_SLOW)
            ratio[timed++] = grade->timing[i].estimate.ratio;
    bool complete = timed > 0 && timed == grade->timing_count;
    grade->ratio = complete ? score_geometric_mean(ratio, timed) : 0;
    for (size_t i = 0; i < grade->case_count; i++)
        passed += grade->cases[i].verdict == VERDICT_PASSED;
    /* A single case is practice, not a grading: nothing to earn. */
    if (g->request->only_case != NULL)
        return;
    size_t gates_passed = grading_count_gates(grade);
    grade->max_points = spec->points_correct + spec->points_speed;
    if (grade->build.verdict != VERDICT_PASSED)
        return;
    bool about_speed = grade->verdict == VERDICT_UNSTABLE || grade->verdict == VERDICT_TOO_SLOW;
    struct score_input input = {.points_correct = spec->points_correct,
                                .points_speed = spec->points_speed,
                                .partial = spec->partial,
                                .cases = grade->case_count,
                                .cases_passed = passed,
                                .gates = grade->gate_count,
                                .gates_passed = gates_passed,
                                .timed = complete && grade->verdict == VERDICT_PASSED,
                                .ratio = grade->ratio,
                                .ratio_zero = spec->ratio_zero,
                                .ratio_full = spec->ratio_full};
    bool timed_fault = grade->verdict != VERDICT_PASSED && !about_speed && passed == grade->case_count;
    grade->points = timed_fault ? 0 : score_points(&input);
    grading_pay_gates(grade);
}

static void close_site(struct grading *g) {
    turn_release(&g->turn);
    oracle_close(g->oracle);
    grading_release_questions(g);
    build_release(&g->job);
    scratch_release(&g->scratch);
}

int grade_run(const struct grade_request *request, struct grade **out, struct error *err) {
    struct grading g = {.request = request, .job = {.compile = TOOLCHAIN_JOB_INIT}, .turn = TURN_INIT};
    int64_t start_ns = clock_now_ns();
    int status = -1;
    g.grade = calloc(1, sizeof *g.grade);
    if (g.grade == NULL)
        return error_errno(err, "cannot grade %s", request->file);
    g.grade->spec = request->spec;
    g.grade->seed = request->seed;
    g.grade->file = strdup(request->file);
    if (grading_open_site(&g, err) == 0 && list_questions(&g, err) == 0) {
        list_timing(&g);
        status = grading_take_turn(&g, TURN_WORK, err) == 0 ? build(&g, err) : -1;
        if (status == 0 && g.grade->build.verdict == VERDICT_PASSED)
            status = examine(&g, err);
    }
    g.grade->interrupted = grading_cancelled(&g);
    if (g.grade->interrupted)
        status = 0;
    decide(g.grade);
    count_points(&g);
    g.grade->wall_ns = clock_now_ns() - start_ns;
    close_site(&g);
    if (status != 0) {
        grade_free(g.grade);
        g.grade = NULL;
    }
    *out = g.grade;
    return status;
}

void grade_free(struct grade *grade) {
    if (grade == NULL)
        return;
    build_report_release(&grade->build);
    free(grade->file);
    for (size_t i = 0; grade->cases != NULL && i < grade->case_count; i++)
        grading_release_curves(&grade->cases[i]);
    free(grade->cases);
    free(grade->timing);
    free(grade->output_text);
    free(grade);
}
