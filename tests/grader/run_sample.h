/* SPDX-License-Identifier: MIT */
/* A worker with a solution that a test has just written, on the pack good-scale. The pack is compiled once a program
 * (sample_pack_open, before the tests fork), the solution in each test. */
#ifndef TESTS_GRADER_RUN_SAMPLE_H
#define TESTS_GRADER_RUN_SAMPLE_H

#include <check.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/build.h"
#include "grader/layout.h"
#include "grader/run.h"
#include "grader/stub.h"

struct pack_sample {
    struct spec *spec;
    struct locate_parts parts;
    struct sandbox_support support;
    struct scratch scratch;
    struct build_site site;
    struct build_pack pack;
};

static inline void pack_sample_open(struct pack_sample *sample) {
    struct error err = {0};

    memset(sample, 0, sizeof *sample);
    ck_assert_int_ge(sodium_init(), 0);
    ck_assert_msg(spec_load("tests/data/packs/good-scale", &sample->spec, &err) == 0, "%s", err.text);
    sandbox_probe(SANDBOX_A, &sample->support);
    ck_assert_msg(locate_find(&sample->parts, &err) == 0, "%s", err.text);
    ck_assert_msg(scratch_open(&sample->scratch, &err) == 0, "%s", err.text);
    sample->site = (struct build_site){
        .spec = sample->spec, .parts = &sample->parts, .support = &sample->support, .scratch = &sample->scratch};
    ck_assert_msg(toolchain_find(&sample->site.toolchain, &err) == 0, "%s", err.text);
    ck_assert_msg(build_pack(&sample->site, &sample->pack, &err) == 0, "%s", err.text);
}

static inline void pack_sample_close(struct pack_sample *sample) {
    scratch_release(&sample->scratch);
    spec_free(sample->spec);
}

enum { SEAT_SLOTS_MAX = 8 };

struct seat { /* one worker */
    const struct pack_sample *sample;
    struct scratch scratch;
    char solution[SCRATCH_PATH];
    struct trial trial;
    struct layout layout;
    struct memory inputs, outputs;
    struct arena arena;
    struct run *run;
    struct run_outcome outcome;
    uint64_t serial;
};

static const uint64_t seat_key = 0x5eed;

/* Compiles a file with this text behind the include of the contract. */
static inline void seat_compile(struct seat *seat, const char *text) {
    struct build_site site = seat->sample->site;
    struct build_job job;
    struct build_report report;
    struct error err = {0};
    char path[SCRATCH_PATH + 16], *source = NULL;

    site.scratch = &seat->scratch;
    ck_assert_int_gt(asprintf(&source, "#include \"good-scale.h\"\n%s", text), 0);
    snprintf(path, sizeof path, "%s/mine.c", seat->scratch.path);
    ck_assert_int_eq(scratch_write(path, source, strlen(source), &err), 0);
    ck_assert_msg(build_start(&site, path, &job, &err) == 0, "%s", err.text);
    ck_assert_msg(build_finish(&site, &job, &report, seat->solution, &err) == 0, "%s", err.text);
    ck_assert_msg(report.verdict == VERDICT_PASSED, "%s %s\n%s", verdict_code(report.verdict), report.detail,
                  report.raw);
    build_report_release(&report);
    build_release(&job);
    free(source);
}

static inline void seat_lay_out(struct seat *seat, enum layout_variant variant) {
    layout_make(&seat->layout, &seat->trial, 1, variant, 0);
    seat->serial++;
    layout_prepare(&seat->layout, &seat->arena, seat_key);
    layout_write(&seat->layout, &seat->arena, &seat->trial, 0);
    layout_poison_outputs(&seat->layout, &seat->arena, &seat->trial, seat_key, 0);
}

static inline void seat_prepare(struct seat *seat, const struct pack_sample *sample) {
    struct error err = {0};

    memset(seat, 0, sizeof *seat);
    seat->sample = sample;
    ck_assert_msg(scratch_open(&seat->scratch, &err) == 0, "%s", err.text);
    /* "thousand": 1003 elements. */
    ck_assert_int_eq(trial_init(&seat->trial, sample->spec, &sample->spec->cases[1], &err), 0);
    trial_fill(&seat->trial, 1, 0);
    ck_assert_int_eq(memory_open(&seat->inputs, "inputs", 1 << 20, true, &err), 0);
    ck_assert_int_eq(memory_open(&seat->outputs, "outputs", 1 << 20, false, &err), 0);
    seat->arena = (struct arena){&seat->inputs, &seat->outputs};
    seat_lay_out(seat, LAYOUT_RIGHT);
}

static inline void seat_start(struct seat *seat) {
    static const char *const entry[] = {"good_scale"};
    const struct pack_sample *sample = seat->sample;
    const struct run_setup setup = {.worker = sample->pack.worker,
                                    .stub = sample->pack.candidate_stub,
                                    .solution = seat->solution,
                                    .function = entry,
                                    .function_count = 1,
                                    .arena = seat->arena,
                                    .pointer_capacity = LAYOUT_PLACES_MAX * SEAT_SLOTS_MAX,
                                    .support = &sample->support,
                                    .limits = &sample->spec->limits,
                                    .threads = 1,
                                    .cpu = -1};
    struct error err = {0};

    ck_assert_msg(run_open(&setup, &seat->run, &seat->outcome, &err) == 0, "%s", err.text);
}

/* A worker with good_scale's body. */
static inline void seat_open(struct seat *seat, const struct pack_sample *sample, const char *text) {
    seat_prepare(seat, sample);
    seat_compile(seat, text);
    seat_start(seat);
    ck_assert_msg(seat->outcome.verdict == VERDICT_PASSED, "%s", seat->outcome.detail);
}

static inline void seat_go_for(struct seat *seat, bool timed, int64_t deadline_ms) {
    const struct run_call call = {.trial = &seat->trial,
                                  .layout = &seat->layout,
                                  .layout_serial = seat->serial,
                                  .value = seat->trial.c->value,
                                  .calls = 1,
                                  .timed = timed,
                                  .deadline_ms = deadline_ms};
    struct error err = {0};

    ck_assert_msg(run_go(seat->run, &call, &seat->outcome, &err) == 0, "%s", err.text);
    if (timed && seat->outcome.verdict == VERDICT_PASSED)
        ck_assert_msg(run_settle(seat->run, &seat->outcome, &err) == 0, "%s", err.text);
}

static inline void seat_go(struct seat *seat) {
    seat_go_for(seat, false, 5000);
}

static inline void seat_close(struct seat *seat) {
    run_close(seat->run);
    memory_release(&seat->inputs);
    memory_release(&seat->outputs);
    trial_release(&seat->trial);
    scratch_release(&seat->scratch);
}

#endif
