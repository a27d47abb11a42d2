/* SPDX-License-Identifier: MIT */
/* Is a challenge a good one? A table of proofs over one pack, each of which states what it demands and what an
 * instructor does when it fails. A pack is proven when no step failed.
 *
 *   files        challenge.json is valid; every file of a pack is there and says what it must (design of a pack)
 *   contract     the header agrees with the spec, reference.c compiles in both precisions
 *   reference    finite, the same bits from run to run, the same answer for any number of OpenBLAS threads
 *   baseline     the float32 reference is within its own tolerance on every case and every timed family
 *   example      the example in the statement is what the reference gives
 *   starter      starter.c compiles and does not pass
 *   solutions    every file in solutions/ gets exactly the verdict that its first line promises, and fails exactly the
 *                gates that its line `// fails: GATE ...` promises, if it has one (so does the starter; edits: edit.h)
 *   margin       accepted solutions stay under 90 % of the tolerance
 *   power        lazy and low-precision outputs are rejected by at least four times the tolerance
 *   gradient     outputs declared as gradients are the derivative of the pack's objective
 *   sensitivity  with any one input changed or permuted, the old answer is rejected
 *   noise        no verdict hangs on noise: the same with each limit at half and at double
 *   cost         what one grading and this proof cost
 *
 * Findings are data, like verdicts: a broken challenge is not an error of prove_run. */
#ifndef GRADER_PROVE_PROVE_H
#define GRADER_PROVE_PROVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grader/error.h"
#include "grader/grade.h"
#include "grader/sandbox/sandbox.h"
#include "grader/verdict.h"

enum prove_state {
    PROVE_OK,
    PROVE_NOTED, /* holds, with something the author should know */
    PROVE_FAILED,
    PROVE_SKIPPED, /* could not be tried, because an earlier step failed or the caller left it out */
    PROVE_STATES
};

struct prove_finding {
    enum prove_state state; /* PROVE_NOTED or PROVE_FAILED */
    char *place;            /* "case odd_tail, output o", "solutions/wrong_zero.c", "challenge.json: /cases/3" */
    char *what;             /* one sentence without a final stop */
    char *remedy;           /* what the author does about it, one sentence without a final stop */
};

enum prove_step_id {
    PROVE_FILES,
    PROVE_CONTRACT,
    PROVE_REFERENCE,
    PROVE_BASELINE,
    PROVE_EXAMPLE,
    PROVE_STARTER,
    PROVE_SOLUTIONS,
    PROVE_MARGIN,
    PROVE_POWER,
    PROVE_GRADIENT,
    PROVE_SENSITIVITY,
    PROVE_NOISE,
    PROVE_COST,
    PROVE_STEPS
};

struct prove_step {
    const char *name;  /* "power" */
    const char *title; /* "lazy outputs are rejected" */
    enum prove_state state;
    char summary[200]; /* "35 of 35 cases; the weakest rejects bf16 rounding by 12 times its tolerance" */
    size_t finding_count;
    struct prove_finding *finding;
    int64_t wall_ns;
};

/* One file of solutions/, as its gradings saw it. */
struct prove_solution {
    char name[128];
    enum verdict expected, got; /* VERDICT_COUNT: no promise in its first line; it could not be graded */
    double used;                /* largest share of the tolerance over all outputs of all calls; may be INFINITY */
    double ratio;               /* geometric mean of the timed ratios, 0 if not timed */
    double slowest;             /* the smallest of them, which is what is too slow */
    double call_share;          /* longest call as a share of call_ms */
    bool promises_gates;        /* it has a line `// fails:`, and one that can be held to */
    unsigned promised_gates, failed_gates; /* bit k: the pack's gate k */
    char detail[400];
};

struct prove_report {
    char *directory, *id, *version; /* id and version NULL when challenge.json cannot be read */
    struct prove_step step[PROVE_STEPS];
    size_t solution_count;
    struct prove_solution *solution;
    size_t gate_count;
    char *gate[SPEC_GATES_MAX]; /* names */
    size_t case_count, hidden_count, powered_count;
    double reference_ratio;   /* largest ratio of the float32 ensemble over all cases, in units of u*g */
    double accepted_used;     /* worst accepted solution's share of the tolerance */
    double weakest_rejection; /* smallest (worst ratio / tolerance) by which a wrong_ or cheat_ solution fails */
    double best_ratio;        /* of the accepted solutions */
    int64_t wall_ns;
    bool proven, interrupted;
    bool undecided; /* not proven, for no other reason than a machine too noisy to time some solution */
};

struct prove_request {
    const char *directory; /* the pack's folder */
    uint64_t seed;
    bool timing;            /* false: solutions are held to correctness only, and timed promises are noted as untried */
    double timing_budget_s; /* per grading; 0 for the default of this room */
    const char *word;       /* not NULL: no proof, only grade the solutions whose name holds this ("": all) */
    bool update_example;    /* rewrite the example in README.md instead of judging it */
    enum sandbox_level require, at_most;
    const volatile int *cancel;
    grade_progress_fn *progress; /* or NULL; stage is the step's name */
    void *progress_context;
};

/* Returns 0 with a report, -1 only for our own faults. The caller owns *report until prove_free. */
int prove_run(const struct prove_request *request, struct prove_report **report, struct error *err);
void prove_free(struct prove_report *report);

/* Did the file do what it promises? */
static inline bool prove_gates_kept(const struct prove_solution *row) {
    return !row->promises_gates || row->failed_gates == row->promised_gates;
}

static inline bool prove_solution_kept(const struct prove_solution *row) {
    return row->got == row->expected && prove_gates_kept(row);
}

const char *prove_state_word(enum prove_state state); /* "ok", "note", "FAILED", "skipped" */

#endif
