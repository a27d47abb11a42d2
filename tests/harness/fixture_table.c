/* SPDX-License-Identifier: MIT */
/* One fixture for each screen. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/harness/fixture.h"

static void passed(struct fixture *f) {
    fixture_base(f);
    f->grade.build.diagnostics.warning_count = 2;
    f->grade.flushes_denormals = true;
    f->grade.output_text = "debugging: sum is 3.5\n";
    f->grade.output_bytes = strlen(f->grade.output_text);
}

static void no_timing(struct fixture *f) {
    fixture_base(f);
    f->grade.timing_count = 0;
    f->grade.ratio = 0;
    f->grade.points = 40;
    f->grade.sandbox_missing[0] = '\0';
}

static void wrong_answer(struct fixture *f) {
    fixture_base(f);
    fixture_fail_case(f, 1, VERDICT_WRONG_ANSWER);
    fixture_wrong_numbers(f, 1, 0.39810);
    f->cases[2].verdict = f->cases[3].verdict = VERDICT_WRONG_ANSWER;
    fixture_wrong_numbers(f, 2, 0.1);
}

static void hidden_wrong(struct fixture *f) {
    fixture_base(f);
    fixture_fail_case(f, 3, VERDICT_WRONG_ANSWER);
    fixture_wrong_numbers(f, 3, 0.7777);
    snprintf(f->cases[3].detail, sizeof f->cases[3].detail, "secret detail");
    snprintf(f->cases[3].pattern.sentence, sizeof f->cases[3].pattern.sentence, "secret sentence");
    snprintf(f->grade.detail, sizeof f->grade.detail, "secret detail");
    f->grade.output_text = "secret input 0.5\n";
    f->grade.output_bytes = strlen(f->grade.output_text);
}

static void not_finite(struct fixture *f) {
    fixture_base(f);
    fixture_fail_case(f, 2, VERDICT_NOT_FINITE);
    fixture_wrong_numbers(f, 2, NAN);
    f->cases[2].output[0].result.error.not_finite = 1;
    f->cases[2].output[0].result.used = INFINITY;
    f->cases[2].used = INFINITY;
}

static void unwritten(struct fixture *f) {
    fixture_base(f);
    fixture_fail_case(f, 0, VERDICT_UNWRITTEN_OUTPUT);
    fixture_wrong_numbers(f, 0, -1e30);
    f->cases[0].output[0].result.error.unwritten = 16;
}

static void rms_only(struct fixture *f) {
    fixture_base(f);
    fixture_fail_case(f, 1, VERDICT_WRONG_ANSWER);
    f->cases[1].output[0].result.error.rms = 19;
    f->cases[1].output[0].result.used = 19.0 / 6;
}

static void crashed(struct fixture *f) {
    fixture_base(f);
    fixture_fail_case(f, 1, VERDICT_CRASHED);
    f->cases[1].output_count = 0;
    for (size_t i = 2; i < FIXTURE_CASES; i++)
        f->cases[i].verdict = VERDICT_SKIPPED;
    snprintf(f->cases[1].detail, sizeof f->cases[1].detail,
             "It read 1 float past the end of k (SIGSEGV on the guard page behind it), 3.1 ms into the call.");
    snprintf(f->cases[1].place, sizeof f->cases[1].place, "attention_causal.c:41 in attention_row");
}

static void timed_crash(struct fixture *f) {
    fixture_base(f);
    f->grade.verdict = f->timing[1].verdict = VERDICT_CRASHED;
    f->grade.decided_by = GRADE_SPEED;
    f->grade.deciding = 1;
    f->timing[1].estimate = (struct timing_estimate){0};
    f->grade.ratio = 0;
    snprintf(f->timing[1].detail, sizeof f->timing[1].detail, "It died of SIGFPE in the third call.");
}

static void compile_error(struct fixture *f) {
    fixture_base(f);
    fixture_fail_build(f, VERDICT_COMPILE_ERROR);
    f->diagnostic[0] = (struct diagnostic){.kind = "error",
                                           .message = "'sclae' undeclared; did you mean 'scale'?",
                                           .file = "attention_causal.c",
                                           .line = 3,
                                           .column = 52,
                                           .source = "  for (size_t i = 0; i < n; i++) out[i] = q[i] * sclae;",
                                           .caret = 50,
                                           .caret_end = 54};
    f->diagnostic[1] = (struct diagnostic){
        .kind = "warning", .message = "unused variable 'x'", .file = "attention_causal.c", .line = 2, .column = 7};
    f->diagnostic[2] = (struct diagnostic){
        .kind = "fatal error",
        .message = "a very long message, such as a compiler makes of a type that does not match another one at all, "
                   "which takes more than one line of a terminal",
        .file = "attention_causal.c",
        .line = 90000,
        .column = 130,
        .source =
            "    static const float table[] = {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f, 7.0f, 8.0f, 9.0f, 10.0f, 11.0f, "
            "12.0f, 13.0f, 14.0f, 15.0fx, 16.0f};",
        .caret = 125,
        .caret_end = 130};
    f->grade.build.diagnostics =
        (struct diagnostics){.count = FIXTURE_DIAGNOSTICS, .error_count = 2, .warning_count = 1, .item = f->diagnostic};
}

static void rejected_binary(struct fixture *f) {
    fixture_base(f);
    fixture_fail_build(f, VERDICT_REJECTED_BINARY);
    snprintf(f->grade.build.detail, sizeof f->grade.build.detail,
             "The compiled file has a constructor (.init_array), which would run before the first call.");
}

static void too_slow(struct fixture *f) {
    fixture_base(f);
    for (size_t i = 0; i < FIXTURE_TIMED; i++) {
        struct grade_timing *t = &f->timing[i];
        t->verdict = VERDICT_TOO_SLOW;
        t->estimate.ratio /= 6;
        t->estimate.low = t->estimate.ratio - 0.004;
        t->estimate.high = t->estimate.ratio + 0.004;
        t->estimate.candidate_ns *= 6;
        t->gflops /= 6;
        t->gbps /= 6;
        t->of_roof /= 6;
        t->estimate.clock = i == 0 ? TIMING_CPU : TIMING_WALL;
    }
    f->grade.verdict = VERDICT_TOO_SLOW;
    f->grade.decided_by = GRADE_SPEED;
    f->grade.deciding = 1;
    f->grade.ratio = 0.2124;
    f->grade.points = 40;
}

static void memory_bound(struct fixture *f) {
    too_slow(f);
    for (size_t i = 0; i < FIXTURE_TIMED; i++) {
        f->timing[i].bound_by_memory = true;
        f->timing[i].gbps = 9.5;
        f->timing[i].gflops = 1.2;
        f->timing[i].of_roof = 0.79;
    }
}

static void hidden_timing(struct fixture *f) {
    too_slow(f);
    f->spec_timing[1].family = &f->spec_case[3];
    f->spec_timing[1].name = "secret_timed_case";
    f->timing[1].name = "secret_timed_case";
    snprintf(f->timing[1].sizes, sizeof f->timing[1].sizes, "secret sizes");
    snprintf(f->timing[1].detail, sizeof f->timing[1].detail, "secret detail");
    snprintf(f->grade.detail, sizeof f->grade.detail, "secret detail");
}

static void unstable(struct fixture *f) {
    fixture_base(f);
    f->timing[0].verdict = f->grade.verdict = VERDICT_UNSTABLE;
    f->timing[0].estimate.usable = false;
    f->timing[0].estimate.candidate_spread = 0.31;
    f->grade.decided_by = GRADE_SPEED;
    f->grade.deciding = 0;
    f->grade.ratio = 0;
    f->grade.points = 0;
    snprintf(f->timing[0].detail, sizeof f->timing[0].detail, "The interval stayed wider than 5 %% after 200 pairs.");
}

static void time_limit(struct fixture *f) {
    fixture_base(f);
    fixture_fail_case(f, 2, VERDICT_TIME_LIMIT);
    f->cases[2].output_count = 0;
    snprintf(f->cases[2].detail, sizeof f->cases[2].detail, "The call had not returned after 2000 ms.");
}

static void forbidden(struct fixture *f) {
    fixture_base(f);
    fixture_fail_case(f, 0, VERDICT_FORBIDDEN_CALL);
    f->cases[0].output_count = 0;
    snprintf(f->cases[0].detail, sizeof f->cases[0].detail, "It called openat, which no solution needs.");
}

static void interrupted(struct fixture *f) {
    fixture_base(f);
    for (size_t i = 2; i < FIXTURE_CASES; i++)
        f->cases[i].verdict = VERDICT_SKIPPED;
    f->grade.timing_count = 0;
    f->grade.ratio = 0;
    f->grade.points = 0;
    f->grade.verdict = VERDICT_SKIPPED;
    f->grade.interrupted = true;
}

static void challenge_broken(struct fixture *f) {
    fixture_base(f);
    f->item.grade = NULL;
    error_set(
        &f->item.error, ERROR_CHALLENGE,
        "/packs/attention-causal/challenge.json: /cases/3/tolernace is not a known key; did you mean 'tolerance'?");
}

static void harness_failed(struct fixture *f) {
    fixture_base(f);
    f->item.grade = NULL;
    error_set(&f->item.error, ERROR_HARNESS, "cannot make a folder in /tmp: No space left on device; free some space.");
}

const struct fixture_entry FIXTURE[] = {
    {"passed", passed},
    {"no_timing", no_timing},
    {"wrong_answer", wrong_answer},
    {"hidden_wrong", hidden_wrong},
    {"not_finite", not_finite},
    {"unwritten", unwritten},
    {"rms_only", rms_only},
    {"crashed", crashed},
    {"timed_crash", timed_crash},
    {"compile_error", compile_error},
    {"rejected_binary", rejected_binary},
    {"too_slow", too_slow},
    {"memory_bound", memory_bound},
    {"hidden_timing", hidden_timing},
    {"unstable", unstable},
    {"time_limit", time_limit},
    {"forbidden", forbidden},
    {"interrupted", interrupted},
    {"challenge_broken", challenge_broken},
    {"harness_failed", harness_failed},
    {"gates", fixture_gates},
    {"gates_hidden", fixture_gates_hidden},
    {"hostile", fixture_hostile},
    {NULL, NULL},
};
