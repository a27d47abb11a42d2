/* SPDX-License-Identifier: MIT */
/* The tables of result_shape.h. A key that is added to the schema is a row here. */
#include "harness/result/result_shape.h"

/* The forms of a row: what it is called, and where it differs from a member that must be there. */
#define KEY(NAME, TYPE)   .name = NAME, .type = SHAPE_##TYPE
#define WORDS(NAME, LIST) .name = NAME, .type = SHAPE_WORD, .words = LIST
#define ONE(NAME, SHAPE)  .name = NAME, .type = SHAPE_OBJECT, .of = &(SHAPE)
#define ALL(NAME, SHAPE)  .name = NAME, .type = SHAPE_LIST, .of = &(SHAPE)
#define EACH(NAME, TYPE)  .name = NAME, .type = SHAPE_LIST, .item = SHAPE_##TYPE
#define MAYBE             .optional = true
#define NULLABLE          .null = true
#define ROWS(LIST)        .key = (LIST), .count = sizeof(LIST) / sizeof(LIST)[0]

static const struct shape_key ELEMENT_KEY[] = {
    {KEY("output", TEXT)},  {EACH("index", INDEX)},     {KEY("got", NUMBER)}, {KEY("expected", NUMBER)},
    {KEY("error", NUMBER)}, {KEY("tolerance", NUMBER)}, {KEY("ulp", NUMBER)}, {KEY("used", NUMBER)},
};
static const struct shape ELEMENT = {.what = "an element", ROWS(ELEMENT_KEY)};

static const struct shape_key OUTPUT_KEY[] = {
    {KEY("name", TEXT)},         {WORDS("type", " f32 f64 i32 i64 u8 bf16 ")},
    {EACH("shape", INDEX)},      {KEY("verdict", VERDICT)},
    {KEY("used", NUMBER)},       {KEY("failing", INTEGER)},
    {KEY("count", INTEGER)},     {KEY("not_finite", INTEGER)},
    {KEY("unwritten", INTEGER)}, {KEY("max_abs", NUMBER)},
    {KEY("max_rel", NUMBER)},    {KEY("max_ulp", NUMBER)},
    {KEY("rel_fro", NUMBER)},    {KEY("ratio", NUMBER)},
    {KEY("rms", NUMBER)},        {KEY("bound_ratio", NUMBER)},
    {KEY("bound_rms", NUMBER)},  {ONE("first", ELEMENT), MAYBE},
};
static const struct shape OUTPUT = {.what = "an output", ROWS(OUTPUT_KEY)};

static const struct shape_key PATTERN_KEY[] = {
    {KEY("rows", TEXT)},     {KEY("columns", TEXT)}, {KEY("row_count", INTEGER)}, {KEY("column_count", INTEGER)},
    {KEY("sentence", TEXT)}, {KEY("advice", TEXT)},
};
static const struct shape PATTERN = {.what = "a pattern", ROWS(PATTERN_KEY)};

static const struct shape_key HIDDEN_CASE_KEY[] = {
    {KEY("name", HIDDEN)},     {KEY("number", INTEGER)}, {KEY("hidden", FLAG)},
    {KEY("verdict", VERDICT)}, {KEY("place", TEXT)},
};
static const struct shape HIDDEN_CASE = {.what = "a hidden case", ROWS(HIDDEN_CASE_KEY)};

static const struct shape_key CASE_KEY[] = {
    {KEY("name", TEXT)},      {KEY("number", INTEGER)},
    {KEY("hidden", FLAG)},    {KEY("verdict", VERDICT)},
    {KEY("place", TEXT)},     {KEY("sizes", TEXT)},
    {KEY("catches", TEXT)},   {KEY("gate", TEXT), MAYBE},
    {KEY("detail", TEXT)},    {KEY("wall_ns", INTEGER)},
    {KEY("used", NUMBER)},    {ONE("worst", ELEMENT), NULLABLE},
    {ALL("outputs", OUTPUT)}, {ONE("pattern", PATTERN), MAYBE},
};
static const struct shape CASE = {.what = "a case", ROWS(CASE_KEY), .hidden = &HIDDEN_CASE};

#define TIMING_ROWS(NAME)                                                                                              \
    {KEY("name", NAME)}, {KEY("hidden", FLAG)}, {KEY("verdict", VERDICT)}, {KEY("ratio", NUMBER)},                     \
        {KEY("low", NUMBER)}, {KEY("high", NUMBER)}, {KEY("ratio_needed", NUMBER)}, {KEY("samples", INTEGER)},         \
        {KEY("clean", INTEGER)}, {WORDS("clock", " wall cpu ")}, {                                                     \
        KEY("threads", INTEGER)                                                                                        \
    }

static const struct shape_key HIDDEN_TIMING_KEY[] = {TIMING_ROWS(HIDDEN)};
static const struct shape HIDDEN_TIMING = {.what = "a hidden timed case", ROWS(HIDDEN_TIMING_KEY)};

static const struct shape_key TIMING_KEY[] = {
    TIMING_ROWS(TEXT),
    {KEY("sizes", TEXT), MAYBE},
    {KEY("detail", TEXT), MAYBE},
    {KEY("candidate_ns", NUMBER), MAYBE},
    {KEY("baseline_ns", NUMBER), MAYBE},
    {KEY("candidate_spread", NUMBER), MAYBE},
    {KEY("baseline_spread", NUMBER), MAYBE},
    {KEY("gflops", NUMBER), MAYBE},
    {KEY("gbps", NUMBER), MAYBE},
    {KEY("of_roof", NUMBER), MAYBE},
    {WORDS("roof", " memory compute "), MAYBE},
    {KEY("used", NUMBER), MAYBE},
};
static const struct shape TIMING = {.what = "a timed case", ROWS(TIMING_KEY), .hidden = &HIDDEN_TIMING};

static const struct shape_key GATE_KEY[] = {
    {KEY("name", TEXT)},      {KEY("title", TEXT)},           {KEY("cases", INTEGER)},
    {KEY("passed", INTEGER)}, {KEY("hidden_cases", INTEGER)}, {KEY("hidden_passed", INTEGER)},
    {KEY("points", NUMBER)},  {KEY("max_points", NUMBER)},
};
static const struct shape GATE = {.what = "a gate", ROWS(GATE_KEY)};

static const struct shape_key CURVE_KEY[] = {
    {KEY("case", TEXT)},        {KEY("output", TEXT)},      {EACH("got", NUMBER)},
    {EACH("expected", NUMBER)}, {KEY("tolerance", NUMBER)}, {KEY("first_divergence", INTEGER)},
};
static const struct shape CURVE = {.what = "a curve", ROWS(CURVE_KEY)};

static const struct shape_key DIAGNOSTIC_KEY[] = {
    {KEY("kind", TEXT)}, {KEY("message", TEXT)}, {KEY("file", TEXT)}, {KEY("line", INTEGER)}, {KEY("column", INTEGER)},
};
static const struct shape DIAGNOSTIC = {.what = "a message of the compiler", ROWS(DIAGNOSTIC_KEY)};

static const struct shape_key BUILD_KEY[] = {
    {KEY("verdict", VERDICT)}, {KEY("detail", TEXT)},    {KEY("compiler", TEXT)},    {KEY("flags", TEXT)},
    {KEY("wall_ns", INTEGER)}, {KEY("errors", INTEGER)}, {KEY("warnings", INTEGER)}, {ALL("diagnostics", DIAGNOSTIC)},
};
static const struct shape BUILD = {.what = "a build", ROWS(BUILD_KEY)};

static const struct shape_key SANDBOX_KEY[] = {
    {WORDS("level", " A B C D ")}, {KEY("active", TEXT)}, {KEY("missing", TEXT)}};
static const struct shape SANDBOX = {.what = "a sandbox", ROWS(SANDBOX_KEY)};

static const struct shape_key BLAS_KEY[] = {{KEY("core", TEXT)}, {KEY("config", TEXT)}};
static const struct shape BLAS = {.what = "a BLAS", ROWS(BLAS_KEY)};

static const struct shape_key BANDWIDTH_KEY[] = {{KEY("bytes", INTEGER)}, {KEY("gbps", NUMBER)}};
static const struct shape BANDWIDTH = {.what = "a bandwidth", ROWS(BANDWIDTH_KEY)};

static const struct shape_key ROOFS_KEY[] = {
    {KEY("fma_gflops", NUMBER)}, {KEY("sgemm_gflops", NUMBER)}, {ALL("bandwidth", BANDWIDTH)}};
static const struct shape ROOFS = {.what = "the roofs of a machine", ROWS(ROOFS_KEY)};

static const struct shape_key MACHINE_KEY[] = {
    {KEY("cpu", TEXT)},        {KEY("vector", TEXT)}, {KEY("cores", INTEGER)},         {KEY("kernel", TEXT)},
    {ONE("sandbox", SANDBOX)}, {ONE("blas", BLAS)},   {ONE("roofs", ROOFS), NULLABLE},
};
static const struct shape MACHINE = {.what = "a machine", ROWS(MACHINE_KEY)};

static const struct shape_key SUBMISSION_KEY[] = {
    {KEY("file", TEXT)},
    {KEY("sha256", TEXT), NULLABLE},
    {KEY("challenge", TEXT), NULLABLE},
    {KEY("challenge_version", TEXT), NULLABLE},
};
static const struct shape SUBMISSION = {.what = "a submission", ROWS(SUBMISSION_KEY)};

static const struct shape_key STAGES_KEY[] = {
    {KEY("build_ns", INTEGER)}, {KEY("correct_ns", INTEGER)}, {KEY("speed_ns", INTEGER)}};
static const struct shape STAGES = {.what = "the stages of a grading", ROWS(STAGES_KEY)};

static const struct shape_key PRINTED_KEY[] = {{KEY("bytes", INTEGER)}, {KEY("text", TEXT), NULLABLE}};
static const struct shape PRINTED = {.what = "what a submission printed", ROWS(PRINTED_KEY)};

static const struct shape_key HARNESS_KEY[] = {{KEY("version", TEXT)}};
static const struct shape HARNESS = {.what = "a harness", ROWS(HARNESS_KEY)};

static const struct shape_key SIGNATURE_KEY[] = {
    {WORDS("algorithm", " ed25519 ")}, {KEY("key", TEXT)}, {KEY("value", TEXT)}};
static const struct shape SIGNATURE = {.what = "a signature", ROWS(SIGNATURE_KEY)};

static const struct shape_key RESULT_KEY[] = {
    {WORDS("schema", " harness-result/1 ")},
    {ONE("harness", HARNESS)},
    {ONE("submission", SUBMISSION)},
    {ONE("machine", MACHINE), NULLABLE},
    {ONE("build", BUILD), NULLABLE},
    {ONE("stages", STAGES), MAYBE},
    {KEY("wall_ns", INTEGER), MAYBE},
    {KEY("interrupted", FLAG), MAYBE},
    {KEY("flushes_denormals", FLAG), MAYBE},
    {KEY("ratio", NUMBER), MAYBE, NULLABLE},
    {ONE("output", PRINTED), MAYBE},
    {KEY("seed", DIGITS), MAYBE, NULLABLE},
    {ALL("cases", CASE)},
    {ALL("gates", GATE)},
    {ALL("curves", CURVE)},
    {ALL("timing", TIMING)},
    {KEY("verdict", VERDICT)},
    {KEY("detail", TEXT)},
    {KEY("points", NUMBER)},
    {KEY("max_points", NUMBER), NULLABLE},
    {KEY("exit", INDEX)},
    {ONE("signature", SIGNATURE), MAYBE},
};
const struct shape SHAPE_RESULT = {.what = "a result", ROWS(RESULT_KEY)};
