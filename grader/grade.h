/* SPDX-License-Identifier: MIT */
/* The corridor: from a challenge and a file to one struct that every report is made of. */
#ifndef GRADER_GRADE_H
#define GRADER_GRADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grader/build.h"
#include "grader/compare.h"
#include "grader/error.h"
#include "grader/machine.h"
#include "grader/pattern.h"
#include "grader/sandbox/sandbox.h"
#include "grader/spec.h"
#include "grader/timing.h"
#include "grader/verdict.h"

/* Tells the caller what is going on; `done` of `total`, total 0 when unknown. Called often, must be quick. */
typedef void grade_progress_fn(void *context, const char *stage, size_t done, size_t total);

/* The right answers of a challenge under one seed. The first grading of all cases that is given an empty one fills it,
 * and later gradings with the same spec and seed need not ask the reference again. Not for two gradings at once. The
 * spec must outlive it. */
struct grade_answers;
struct grade_answers *grade_answers_new(void); /* NULL when there is no memory */
void grade_answers_free(struct grade_answers *answers);

struct grade_request {
    const struct spec *spec;
    const char *file;              /* the candidate's C file */
    uint64_t seed;                 /* the run's secret */
    const char *only_case;         /* --case: name or 1-based number, NULL for all */
    bool timing;                   /* false: --no-timing */
    double timing_budget_s;        /* for all timed cases together; 0 for the default */
    unsigned threads;              /* --threads; 0 for the spec's */
    enum sandbox_level require;    /* refuse to run below this level */
    bool require_by_default;       /* nobody named it: refuse level C too where hidden cases are open to the compiler */
    enum sandbox_level at_most;    /* do not use more than this level (SANDBOX_A: all there is); for tests */
    struct grade_answers *answers; /* or NULL */
    const volatile int *cancel;    /* becomes non-zero on SIGINT/SIGTERM: stop, clean up, report what is finished */
    grade_progress_fn *progress;   /* or NULL */
    void *progress_context;
};

enum grade_stage { GRADE_BUILD, GRADE_CORRECT, GRADE_SPEED, GRADE_STAGE_COUNT };

struct grade_output { /* one output of one case, the worst of its calls */
    const char *name;
    enum dtype type;
    size_t rank;
    int64_t shape[SPEC_RANK_MAX];
    struct compare_result result;
};

/* An output that its challenge declares a curve, as it was in the first call, or in the first that was wrong. */
struct grade_curve {
    const char *output;
    size_t count;
    double *got, *expected;
    double tolerance;         /* the largest error allowed where the curves part, else at the worst step; may be NaN */
    int64_t first_divergence; /* the first step out of tolerance, -1 if none is */
    bool passed;
};

struct grade_case {
    const char *name, *catches;
    const char *gate; /* its name, NULL if the challenge has none */
    bool hidden;
    char sizes[120];
    size_t number; /* 1-based, as in `--case` */
    enum verdict verdict;
    char detail[400]; /* one or two sentences: what happened and where (crash address, exit code, call) */
    char place[200];  /* "attention.c:41 in attention_row", or empty */
    int64_t wall_ns;  /* the candidate's own calls */
    size_t call_count;
    size_t output_count;
    struct grade_output output[SPEC_ARGUMENTS_MAX];
    size_t worst; /* index into output of the one with the largest share of tolerance */
    double used;  /* its share; 0.31 = 31 % */
    bool has_pattern;
    struct pattern pattern; /* of the failing output */
    size_t curve_count;
    struct grade_curve *curve; /* never of a hidden case */
};

struct grade_gate {
    const char *name, *title;
    size_t cases, passed;               /* hidden ones included */
    size_t hidden_cases, hidden_passed; /* of these */
    double points, max_points;          /* of the points for correctness */
};

struct grade_timing {
    const char *name;
    char sizes[120];
    enum verdict verdict; /* PASSED, TOO_SLOW, UNSTABLE, TAMPERED, SKIPPED, or what a timed call ended in */
    char detail[400];
    struct timing_estimate estimate;
    double ratio_needed;  /* ratio_zero */
    double gflops, gbps;  /* of the candidate, by the spec's formulas */
    double of_roof;       /* share of the nearer roof, 1.0 = at the roof */
    bool bound_by_memory; /* which roof that is */
    double used;          /* largest share of tolerance over every timed output */
    unsigned threads;
};

struct grade {
    const struct spec *spec; /* borrowed */
    char *file;              /* as given */
    char sha256[65];         /* of the submission's bytes */
    uint64_t seed;
    struct machine machine;
    char sandbox_active[200], sandbox_missing[200];
    enum sandbox_level level;
    char blas_core[64]; /* OpenBLAS's own name for the kernels of the baseline; empty if that uses none */
    char blas_config[160];
    struct build_report build;
    size_t case_count;
    struct grade_case *cases; /* all of the spec's cases that were asked for, skipped ones included */
    size_t gate_count;        /* 0 when a single case was asked for: that judges no gate */
    struct grade_gate gate[SPEC_GATES_MAX];
    size_t timing_count;
    struct grade_timing *timing;
    double ratio;                /* geometric mean of the timed ratios, 0 if none */
    enum verdict verdict;        /* of the submission */
    enum grade_stage decided_by; /* which stage the verdict comes from */
    size_t deciding;             /* index into cases (GRADE_CORRECT) or timing (GRADE_SPEED) of what decided */
    char detail[400];
    double points, max_points;
    int64_t stage_ns[GRADE_STAGE_COUNT];
    int64_t wall_ns;
    bool interrupted;
    char *output_text; /* what the candidate printed, capped, not escaped; NULL if nothing */
    size_t output_bytes;
    bool flushes_denormals; /* a warning for the reader */
};

/* Returns 0 whenever there is a verdict, -1 only for our own or the challenge's faults (then *grade is released).
 * On 0 the caller owns *grade until grade_free. */
int grade_run(const struct grade_request *request, struct grade **grade, struct error *err);
void grade_free(struct grade *grade);

/* All of its cases are right, and it has some. */
static inline bool grade_gate_passed(const struct grade_gate *gate) {
    return gate->cases > 0 && gate->passed == gate->cases;
}

#endif
