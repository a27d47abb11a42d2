/* SPDX-License-Identifier: MIT */
/* A result that passed, and the ways to break it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/harness/fixture.h"

static const char *const CASE_NAME[FIXTURE_CASES] = {"single", "odd_tail", "big_logits", "secret_name_a",
                                                     "secret_name_b"};
static const char *const CASE_CATCHES[FIXTURE_CASES] = {
    "an empty or single row", "a last block shorter than the unrolled loop", "a softmax without the row maximum",
    "secret purpose a", "secret purpose b"};
static const char *const CASE_SIZES[FIXTURE_CASES] = {"b=1 t=1 d=16", "b=2 t=33 d=16", "b=1 t=64 d=64",
                                                      "secret sizes a", "secret sizes b"};

static void base_spec(struct fixture *f) {
    struct spec *spec = &f->spec;
    spec->directory = "/packs/attention-causal";
    spec->id = "attention-causal";
    spec->version = "1.0";
    spec->title = "Causal multi-head attention";
    spec->track = "kernels";
    spec->difficulty = "medium";
    spec->entry_count = 1;
    spec->entry[0].name = "attention_causal";
    spec->entry[0].argument_count = 3;
    spec->entry[0].argument[0] = (struct spec_argument){.name = "t", .type = DTYPE_I32, .role = SPEC_SIZE};
    spec->entry[0].argument[1] =
        (struct spec_argument){.name = "q", .type = DTYPE_F32, .role = SPEC_INPUT, .rank = 2, .shape = {"t", "16"}};
    spec->entry[0].argument[2] = (struct spec_argument){.name = "o",
                                                        .type = DTYPE_F32,
                                                        .role = SPEC_OUTPUT,
                                                        .rank = 2,
                                                        .shape = {"t", "16"},
                                                        .tolerance = {.rule = SPEC_RULE_GAUGE, .reduction = "t"}};
    for (size_t i = 0; i < FIXTURE_CASES; i++)
        f->spec_case[i] = (struct spec_case){.name = (char *)CASE_NAME[i], .hidden = i >= FIXTURE_PUBLIC};
    for (size_t i = 0; i < FIXTURE_TIMED; i++)
        f->spec_timing[i] =
            (struct spec_timing){.name = i == 0 ? "t1024" : "t4096", .family_count = 1, .family = &f->spec_case[0]};
    spec->case_count = FIXTURE_CASES;
    spec->hidden_count = FIXTURE_HIDDEN;
    spec->cases = f->spec_case;
    spec->timing_count = FIXTURE_TIMED;
    spec->timing = f->spec_timing;
}

static void base_machine(struct grade *grade) {
    snprintf(grade->machine.cpu, sizeof grade->machine.cpu, "Example CPU 9000");
    snprintf(grade->machine.vector, sizeof grade->machine.vector, "AVX2");
    snprintf(grade->machine.kernel, sizeof grade->machine.kernel, "Linux 6.1.0");
    grade->machine.cores = 4;
    grade->machine.roof = (struct machine_roof){.known = true,
                                                .fma_gflops = 96,
                                                .sgemm_gflops = 88,
                                                .bandwidth_bytes = {32 << 10, 1 << 20, 16 << 20, (size_t)1 << 30},
                                                .bandwidth_gbps = {180, 90, 30, 12}};
    snprintf(grade->sandbox_active, sizeof grade->sandbox_active, "rlimits seccomp landlock-4 namespaces uid=65534");
    snprintf(grade->sandbox_missing, sizeof grade->sandbox_missing, "cgroup (not root)");
    grade->level = SANDBOX_A;
    snprintf(grade->blas_core, sizeof grade->blas_core, "Haswell");
    snprintf(grade->blas_config, sizeof grade->blas_config, "OpenBLAS 0.3.21");
}

static void base_case(struct grade_case *c, size_t i) {
    *c = (struct grade_case){.name = CASE_NAME[i],
                             .catches = CASE_CATCHES[i],
                             .hidden = i >= FIXTURE_PUBLIC,
                             .number = i + 1,
                             .wall_ns = 41250 * (int64_t)(i + 1),
                             .output_count = 1,
                             .used = 0.11 + 0.1 * (double)i};
    snprintf(c->sizes, sizeof c->sizes, "%s", CASE_SIZES[i]);
    struct grade_output *output = &c->output[0];
    *output = (struct grade_output){.name = "o", .type = DTYPE_F32, .rank = 2, .shape = {33, 16}};
    output->result.used = c->used;
    output->result.bound =
        (struct compare_bound){.ratio = 48, .rms = 6, .reference_ratio = 3, .reference_rms = 0.4, .valid = true};
    output->result.error = (struct compare_error){.count = 528,
                                                  .ratio = 48 * c->used,
                                                  .rms = 1.25,
                                                  .max_abs = 3e-7,
                                                  .max_rel = 1.2e-6,
                                                  .max_ulp = 9,
                                                  .rel_fro = 2.5e-7,
                                                  .worst_count = 1};
    output->result.error.worst[0] = (struct compare_element){.flat = 7,
                                                             .index = {0, 7},
                                                             .got = 0.1f,
                                                             .expected = 0.1,
                                                             .gauge = 0.5,
                                                             .error = 1.5e-9,
                                                             .ratio = 48 * c->used,
                                                             .ulp = 0.2};
}

static void base_timing(struct grade_timing *t, size_t i) {
    double ratio = i == 0 ? 1.31 : 1.24, base_ns = i == 0 ? 30.8e6 : 512.4e6;
    *t = (struct grade_timing){.name = i == 0 ? "t1024" : "t4096",
                               .verdict = VERDICT_PASSED,
                               .ratio_needed = 0.3,
                               .gflops = i == 0 ? 21.1 : 18.2,
                               .gbps = i == 0 ? 1.9 : 2.4,
                               .of_roof = i == 0 ? 0.22 : 0.19,
                               .used = 0.35,
                               .threads = 1};
    snprintf(t->sizes, sizeof t->sizes, "b=1 t=%d d=64", i == 0 ? 1024 : 4096);
    t->estimate = (struct timing_estimate){.ratio = ratio,
                                           .low = ratio - 0.02,
                                           .high = ratio + 0.02,
                                           .candidate_ns = base_ns / ratio,
                                           .baseline_ns = base_ns,
                                           .candidate_spread = 0.006,
                                           .baseline_spread = 0.004,
                                           .pairs = 22,
                                           .clean = 20,
                                           .clock = TIMING_WALL,
                                           .enough = true,
                                           .usable = true};
}

void fixture_base(struct fixture *f) {
    *f = (struct fixture){0};
    struct grade *grade = &f->grade;
    base_spec(f);
    base_machine(grade);
    for (size_t i = 0; i < FIXTURE_CASES; i++)
        base_case(&f->cases[i], i);
    for (size_t i = 0; i < FIXTURE_TIMED; i++)
        base_timing(&f->timing[i], i);
    grade->spec = &f->spec;
    grade->file = "work/attention_causal.c";
    memset(grade->sha256, 'a', sizeof grade->sha256 - 1);
    grade->seed = UINT64_MAX - 1;
    snprintf(grade->build.compiler, sizeof grade->build.compiler, "gcc 12.2.0");
    snprintf(grade->build.flags, sizeof grade->build.flags, "-O3 -march=native");
    grade->build.wall_ns = 412000000;
    grade->case_count = FIXTURE_CASES;
    grade->cases = f->cases;
    grade->timing_count = FIXTURE_TIMED;
    grade->timing = f->timing;
    grade->ratio = 1.2745;
    grade->points = 100;
    grade->max_points = 100;
    grade->stage_ns[GRADE_BUILD] = 412000000;
    grade->stage_ns[GRADE_CORRECT] = 1100000000;
    grade->stage_ns[GRADE_SPEED] = 4100000000;
    grade->wall_ns = 5700000000;
    f->item = (struct report_item){.file = grade->file, .challenge = "attention-causal", .grade = grade};
}

static void skip_timing(struct fixture *f) {
    for (size_t i = 0; i < FIXTURE_TIMED; i++) {
        f->timing[i].verdict = VERDICT_SKIPPED;
        f->timing[i].estimate = (struct timing_estimate){0};
        f->timing[i].gflops = f->timing[i].gbps = f->timing[i].of_roof = 0;
    }
    f->grade.ratio = 0;
    f->grade.points = 0;
    f->grade.stage_ns[GRADE_SPEED] = 0;
}

void fixture_fail_case(struct fixture *f, size_t i, enum verdict verdict) {
    f->cases[i].verdict = verdict;
    f->cases[i].output[0].result.verdict = verdict;
    f->grade.verdict = verdict;
    f->grade.decided_by = GRADE_CORRECT;
    f->grade.deciding = i;
    skip_timing(f);
}

void fixture_wrong_numbers(struct fixture *f, size_t i, double got) {
    struct grade_case *c = &f->cases[i];
    struct compare_result *result = &c->output[0].result;
    struct compare_element worst = {.flat = 525,
                                    .index = {32, 13},
                                    .got = got,
                                    .expected = 0.42174,
                                    .gauge = 0.5,
                                    .error = fabs(got - 0.42174),
                                    .ratio = fabs(got - 0.42174) / (0.5 * 0x1p-24),
                                    .ulp = 123456};
    result->used = worst.ratio / 48;
    result->failing = 16;
    result->error.worst[0] = worst;
    result->first = worst;
    result->first.index[1] = 0;
    result->first.got = 0.12;
    result->error.ratio = worst.ratio;
    result->error.rel_fro = 1.25e-2;
    c->used = result->used;
    c->has_pattern = true;
    snprintf(c->pattern.rows, sizeof c->pattern.rows, "...............................................#");
    snprintf(c->pattern.columns, sizeof c->pattern.columns, "################################################");
    c->pattern.row_count = 33;
    c->pattern.column_count = 16;
    snprintf(c->pattern.sentence, sizeof c->pattern.sentence,
             "Row 32 is wrong in every column; all the others are right.");
    snprintf(c->pattern.advice, sizeof c->pattern.advice,
             "33 = 1 * 32 + 1, and the last row is the wrong one: look at how your loop handles a final block shorter "
             "than 32.");
}

void fixture_fail_build(struct fixture *f, enum verdict verdict) {
    f->grade.build.verdict = verdict;
    f->grade.verdict = verdict;
    f->grade.decided_by = GRADE_BUILD;
    for (size_t i = 0; i < FIXTURE_CASES; i++) {
        f->cases[i].verdict = VERDICT_SKIPPED;
        f->cases[i].output_count = 0;
        f->cases[i].wall_ns = 0;
    }
    f->grade.stage_ns[GRADE_CORRECT] = 0;
    skip_timing(f);
}
