/* SPDX-License-Identifier: MIT */
/* A result whose every text, number and verdict comes from the bytes, in every report: the screen, JSON and JUnit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/report_sound.h"
#include "tests/harness/fixture.h"

static enum verdict any_verdict(struct fuzz_bytes *b) {
    return (enum verdict)fuzz_below(b, VERDICT_COUNT);
}

static const char *some_text(struct fuzz_bytes *b, const char *fallback) {
    const char *text = fuzz_text(b);
    return text != NULL ? text : fallback;
}

static void fill_element(struct fuzz_bytes *b, struct compare_element *element) {
    for (size_t i = 0; i < 2; i++)
        element->index[i] = fuzz_whole(b);
    element->got = fuzz_double(b);
    element->expected = fuzz_double(b);
    element->gauge = fuzz_double(b);
    element->error = fuzz_double(b);
    element->ratio = fuzz_double(b);
    element->ulp = fuzz_double(b);
}

static void fill_output(struct fuzz_bytes *b, struct grade_output *output) {
    struct compare_result *result = &output->result;
    output->name = some_text(b, "o");
    output->type = (enum dtype)fuzz_below(b, DTYPE_COUNT);
    output->rank = fuzz_below(b, SPEC_RANK_MAX + 1);
    output->shape[0] = fuzz_whole(b);
    result->verdict = any_verdict(b);
    result->used = fuzz_double(b);
    result->failing = fuzz_whole(b);
    result->error.count = fuzz_whole(b);
    result->error.not_finite = fuzz_whole(b);
    result->error.unwritten = fuzz_whole(b);
    result->error.ratio = fuzz_double(b);
    result->error.rms = fuzz_double(b);
    result->error.max_abs = fuzz_double(b);
    result->error.rel_fro = fuzz_double(b);
    result->error.worst_count = fuzz_below(b, COMPARE_WORST + 1);
    result->bound.ratio = fuzz_double(b);
    result->bound.rms = fuzz_double(b);
    fill_element(b, &result->first);
    fill_element(b, &result->error.worst[0]);
}

static void fill_case(struct fuzz_bytes *b, struct grade_case *c) {
    c->verdict = any_verdict(b);
    c->wall_ns = fuzz_whole(b);
    c->used = fuzz_double(b);
    if (c->hidden)
        return;
    c->name = some_text(b, "case");
    c->catches = fuzz_text(b);
    fuzz_field(b, c->sizes, sizeof c->sizes);
    fuzz_field(b, c->detail, sizeof c->detail);
    fuzz_field(b, c->place, sizeof c->place);
    c->output_count = fuzz_below(b, 3);
    c->worst = fuzz_below(b, 3);
    fill_output(b, &c->output[0]);
    c->output[1] = c->output[0];
    c->has_pattern = fuzz_flag(b);
    fuzz_field(b, c->pattern.rows, sizeof c->pattern.rows);
    fuzz_field(b, c->pattern.columns, sizeof c->pattern.columns);
    c->pattern.row_count = fuzz_whole(b);
    c->pattern.column_count = fuzz_whole(b);
    fuzz_field(b, c->pattern.sentence, sizeof c->pattern.sentence);
    fuzz_field(b, c->pattern.advice, sizeof c->pattern.advice);
}

static void fill_timing(struct fuzz_bytes *b, struct grade_timing *t) {
    t->name = some_text(b, "timed");
    t->verdict = any_verdict(b);
    fuzz_field(b, t->sizes, sizeof t->sizes);
    fuzz_field(b, t->detail, sizeof t->detail);
    t->estimate.ratio = fuzz_double(b);
    t->estimate.low = fuzz_double(b);
    t->estimate.high = fuzz_double(b);
    t->estimate.candidate_ns = fuzz_double(b);
    t->estimate.baseline_ns = fuzz_double(b);
    t->estimate.candidate_spread = fuzz_double(b);
    t->estimate.clean = fuzz_below(b, 4);
    t->ratio_needed = fuzz_double(b);
    t->gflops = fuzz_double(b);
    t->gbps = fuzz_double(b);
    t->of_roof = fuzz_double(b);
    t->bound_by_memory = fuzz_flag(b);
    t->used = fuzz_double(b);
}

static void fill_machine(struct fuzz_bytes *b, struct grade *grade) {
    struct machine_roof *roof = &grade->machine.roof;
    fuzz_field(b, grade->machine.cpu, sizeof grade->machine.cpu);
    fuzz_field(b, grade->machine.kernel, sizeof grade->machine.kernel);
    fuzz_field(b, grade->sandbox_missing, sizeof grade->sandbox_missing);
    fuzz_field(b, grade->blas_core, sizeof grade->blas_core);
    roof->known = fuzz_flag(b);
    roof->fma_gflops = fuzz_double(b);
    roof->bandwidth_gbps[0] = fuzz_double(b);
    roof->bandwidth_bytes[0] = (size_t)fuzz_whole(b);
}

static void fill_build(struct fuzz_bytes *b, struct fixture *f) {
    struct build_report *build = &f->grade.build;
    build->verdict = any_verdict(b);
    fuzz_field(b, build->detail, sizeof build->detail);
    fuzz_field(b, build->compiler, sizeof build->compiler);
    build->raw = fuzz_text(b);
    size_t count = fuzz_below(b, FIXTURE_DIAGNOSTICS + 1);
    for (size_t i = 0; i < count; i++)
        f->diagnostic[i] = (struct diagnostic){.kind = fuzz_flag(b) ? (char *)"error" : fuzz_text(b),
                                               .message = fuzz_text(b),
                                               .file = fuzz_text(b),
                                               .line = (int)(fuzz_whole(b) & INT32_MAX),
                                               .column = (int)(fuzz_whole(b) & INT32_MAX),
                                               .source = fuzz_text(b),
                                               .caret = (int)(fuzz_whole(b) & INT32_MAX),
                                               .caret_end = (int)(fuzz_whole(b) & INT32_MAX)};
    build->diagnostics = (struct diagnostics){
        .count = count, .error_count = fuzz_below(b, 300), .warning_count = count, .item = f->diagnostic};
}

static void fill_whole(struct fuzz_bytes *b, struct fixture *f) {
    struct grade *grade = &f->grade;
    grade->verdict = any_verdict(b);
    grade->decided_by = (enum grade_stage)fuzz_below(b, GRADE_STAGE_COUNT);
    grade->deciding = fuzz_below(b, 8);
    grade->ratio = fuzz_double(b);
    grade->points = fuzz_double(b);
    grade->max_points = fuzz_double(b);
    grade->wall_ns = fuzz_whole(b);
    grade->interrupted = fuzz_flag(b);
    grade->flushes_denormals = fuzz_flag(b);
    grade->level = (enum sandbox_level)fuzz_below(b, 4);
    fuzz_field(b, grade->detail, sizeof grade->detail);
    if (!fuzz_flag(b)) /* else what the program printed is withheld */
        for (size_t i = FIXTURE_PUBLIC; i < FIXTURE_CASES; i++)
            grade->cases[i].verdict = VERDICT_SKIPPED;
}

static void fill_gates(struct fuzz_bytes *b, struct fixture *f) {
    struct grade *grade = &f->grade;
    grade->gate_count = fuzz_below(b, FIXTURE_GATES + 1);
    f->spec.partial = fuzz_flag(b);
    for (size_t k = 0; k < grade->gate_count; k++)
        grade->gate[k] = (struct grade_gate){.name = some_text(b, "gate"),
                                             .title = some_text(b, "title"),
                                             .cases = (size_t)fuzz_whole(b),
                                             .passed = (size_t)fuzz_whole(b),
                                             .hidden_cases = (size_t)fuzz_whole(b),
                                             .hidden_passed = (size_t)fuzz_whole(b),
                                             .points = fuzz_double(b),
                                             .max_points = fuzz_double(b)};
}

/* Hidden cases may have one too here, which no report may show. */
static void fill_curve(struct fuzz_bytes *b, struct fixture *f, size_t i) {
    struct grade_curve *curve = &f->curve[i];
    *curve = (struct grade_curve){.output = some_text(b, "loss"),
                                  .count = fuzz_below(b, 9) * fuzz_below(b, FIXTURE_STEPS / 8),
                                  .got = f->values[i],
                                  .expected = f->values[i] + FIXTURE_STEPS,
                                  .tolerance = fuzz_double(b),
                                  .first_divergence = fuzz_whole(b),
                                  .passed = fuzz_flag(b)};
    const double first = fuzz_double(b), ratio = fuzz_double(b);
    for (size_t k = 0; k < curve->count; k++) {
        curve->got[k] = k < 8 ? fuzz_double(b) : curve->got[k - 1] * ratio;
        curve->expected[k] = k == 0 ? first : curve->expected[k - 1] + ratio;
    }
    f->cases[i].curve = curve;
    f->cases[i].curve_count = fuzz_below(b, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct fixture f;
    struct fuzz_bytes b;
    fuzz_begin(&b, data, size);
    unsigned choice = (unsigned)fuzz_take(&b, 1);
    fixture_base(&f);
    f.grade.file = (char *)some_text(&b, "f.c");
    f.item.file = f.grade.file;
    f.item.challenge = fuzz_text(&b);
    for (size_t i = 0; i < FIXTURE_TIMED; i++)
        fill_timing(&b, &f.timing[i]);
    fill_build(&b, &f);
    for (size_t i = 0; i < FIXTURE_CASES; i++)
        fill_case(&b, &f.cases[i]);
    fill_machine(&b, &f.grade);
    fill_whole(&b, &f);
    fill_gates(&b, &f);
    for (size_t i = 0; i < FIXTURE_CASES; i++)
        fill_curve(&b, &f, i);
    struct report_item item[2] = {f.item, f.item};
    item[1].grade = NULL;
    item[1].interrupted = fuzz_flag(&b);
    f.grade.output_text = fuzz_rest(&b, &f.grade.output_bytes);
    item[1].error.owner = (enum error_owner)(f.grade.wall_ns & 1);
    snprintf(item[1].error.text, sizeof item[1].error.text, "%s", f.grade.detail);
    report_must_be_sound(item, 1 + (size_t)f.grade.interrupted, choice);
    fuzz_end(&b);
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    report_sound_init();
    return 0;
}
