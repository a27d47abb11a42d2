/* SPDX-License-Identifier: MIT */
/* A trial with every kind of argument and odd lengths, and the two memories that a worker would see of it. Shared by
 * the test programs of layout.h and of what reads layouts. */
#ifndef TESTS_GRADER_LAYOUT_SAMPLE_H
#define TESTS_GRADER_LAYOUT_SAMPLE_H

#include <check.h>
#include <string.h>

#include "grader/layout.h"

enum {
    SAMPLE_SIZE,
    SAMPLE_SCALAR,
    SAMPLE_INPUT,  /* f32 */
    SAMPLE_NULL,   /* i32, passed as NULL */
    SAMPLE_EMPTY,  /* f32, no element */
    SAMPLE_LABELS, /* i32 */
    SAMPLE_INOUT,  /* f32, gauge */
    SAMPLE_DEEP,   /* f64, input */
    SAMPLE_OUTPUT, /* f32, gauge */
    SAMPLE_CODES,  /* u8, exact */
    SAMPLE_ARGUMENTS
};

enum { SAMPLE_N = 37 };

struct sample {
    struct spec spec;
    struct spec_case c;
    struct trial trial;
};

static inline void sample_open(struct sample *sample) {
    static char name[SAMPLE_ARGUMENTS][8] = {"n",      "scale", "x",    "skip", "none",
                                             "labels", "state", "deep", "y",    "codes"};
    static char case_name[] = "sample";
    static const struct spec_argument argument[SAMPLE_ARGUMENTS] = {
        [SAMPLE_SIZE] = {.type = DTYPE_I32, .role = SPEC_SIZE},
        [SAMPLE_SCALAR] = {.type = DTYPE_F32, .role = SPEC_SCALAR},
        [SAMPLE_INPUT] = {.type = DTYPE_F32, .role = SPEC_INPUT, .rank = 1},
        [SAMPLE_NULL] = {.type = DTYPE_I32, .role = SPEC_INPUT, .rank = 1, .nullable = true},
        [SAMPLE_EMPTY] = {.type = DTYPE_F32, .role = SPEC_INPUT, .rank = 1},
        [SAMPLE_LABELS] = {.type = DTYPE_I32, .role = SPEC_INPUT, .rank = 1},
        [SAMPLE_INOUT] = {.type = DTYPE_F32, .role = SPEC_INOUT, .rank = 1, .tolerance = {.rule = SPEC_RULE_GAUGE}},
        [SAMPLE_DEEP] = {.type = DTYPE_F64, .role = SPEC_INPUT, .rank = 1},
        [SAMPLE_OUTPUT] = {.type = DTYPE_F32, .role = SPEC_OUTPUT, .rank = 1, .tolerance = {.rule = SPEC_RULE_GAUGE}},
        [SAMPLE_CODES] = {.type = DTYPE_U8, .role = SPEC_OUTPUT, .rank = 1, .tolerance = {.rule = SPEC_RULE_EXACT}},
    };
    static const int64_t count[SAMPLE_ARGUMENTS] = {
        [SAMPLE_INPUT] = SAMPLE_N, [SAMPLE_NULL] = 5,          [SAMPLE_LABELS] = 3, [SAMPLE_INOUT] = 5,
        [SAMPLE_DEEP] = 9,         [SAMPLE_OUTPUT] = SAMPLE_N, [SAMPLE_CODES] = 13};
    struct error err = {0};

    memset(sample, 0, sizeof *sample);
    sample->spec.entry_count = 1;
    sample->spec.entry[0].argument_count = SAMPLE_ARGUMENTS;
    memcpy(sample->spec.entry[0].argument, argument, sizeof argument);
    for (size_t a = 0; a < SAMPLE_ARGUMENTS; a++) {
        sample->spec.entry[0].argument[a].name = name[a];
        sample->c.shape[a][0] = count[a];
        sample->c.fill[a] = (struct fill){.kind = FILL_NORMAL, .parameter = {0, 1}};
    }
    sample->c.name = case_name;
    sample->c.null[SAMPLE_NULL] = true;
    sample->c.fill[SAMPLE_LABELS] = (struct fill){.kind = FILL_INTEGERS, .parameter = {0, 100}};
    ck_assert_msg(trial_init(&sample->trial, &sample->spec, &sample->c, &err) == 0, "%s", err.text);
    trial_fill(&sample->trial, 7, 0);
}

static inline void sample_close(struct sample *sample) {
    trial_release(&sample->trial);
}

/* A layout of the sample with its two memories. */
struct stage {
    struct layout layout;
    struct memory inputs, outputs;
    struct arena arena;
};

static inline void stage_open(struct stage *stage, const struct sample *sample, size_t slots,
                              enum layout_variant variant, unsigned flags) {
    struct error err = {0};

    layout_make(&stage->layout, &sample->trial, slots, variant, flags);
    ck_assert_int_eq(memory_open(&stage->inputs, "inputs", stage->layout.input_bytes, true, &err), 0);
    ck_assert_int_eq(memory_open(&stage->outputs, "outputs", stage->layout.output_bytes, false, &err), 0);
    stage->arena = (struct arena){&stage->inputs, &stage->outputs};
}

static inline void stage_close(struct stage *stage) {
    memory_release(&stage->inputs);
    memory_release(&stage->outputs);
}

#endif
