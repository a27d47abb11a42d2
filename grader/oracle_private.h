/* SPDX-License-Identifier: MIT */
/* The two workers of the reference: oracle.c starts and calls them, oracle_answer.c reads them. Private to these. */
#ifndef GRADER_ORACLE_PRIVATE_H
#define GRADER_ORACLE_PRIVATE_H

#include "grader/layout.h"
#include "grader/oracle.h"
#include "grader/run.h"
#include "grader/stub.h"

enum { SIDE_WIDE, SIDE_NARROW, SIDES, POISON_KEY = 1 };
enum { ORACLE_ALGORITHMS = 2 }; /* in float32: the reference and the plain one */

struct oracle_side {
    struct memory inputs, outputs;
    struct run *run;
    struct layout layout; /* of the last call: a worker need not set its guard pages again for the same one */
    uint64_t serial;
};

struct oracle {
    struct oracle_setup setup;
    struct stub_functions functions;
    const char *name[STUB_FUNCTIONS_MAX];
    struct oracle_side side[SIDES];
};

/* Flags of the layouts of this side. */
unsigned oracle_flags(int side);

/* Lays out a call on the trial's content and writes its inputs; the outputs stay as they are. */
void oracle_put_inputs(struct oracle *oracle, int which, const struct trial *trial, unsigned more_flags,
                       struct layout *layout);
/* Keeps the layout of the next call, and notices when it is another one. */
void oracle_use_layout(struct oracle *oracle, int which, const struct layout *layout);
int oracle_call_in_place(struct oracle *oracle, int which, size_t function_index, const struct trial *trial,
                         const struct layout *layout, struct error *err);

/* Both, with the outputs poisoned in between unless the key is 0. */
int oracle_call(struct oracle *oracle, int which, size_t function_index, const struct trial *trial, unsigned more_flags,
                uint64_t poison_key, struct layout *layout, struct error *err);

/* oracle_measure.c: oracle_measure, where floats in `got` are float64 already if `wide`. The wide side's memories then
 * hold these outputs and nothing of the call before. */
int oracle_measure_as(struct oracle *oracle, const struct trial *trial, size_t stages, bool wide,
                      const void *const *got, double *const *measure, struct error *err);
/* Fills in the values of the measures once the expectation's outputs have theirs; nothing to do without measures. */
int oracle_measure_truth(struct oracle *oracle, const struct trial *trial, size_t stages,
                         struct expectation *expectation, struct error *err);
/* The errors of the measures of what one float32 algorithm gave (got[a] by argument, in the arguments' own types), by
 * position in the expectation; the other rows of `error` stay as they are. */
int oracle_measure_errors(struct oracle *oracle, const struct trial *trial, size_t stages, const void *const *got,
                          const struct expectation *expectation, size_t algorithm,
                          struct compare_error (*error)[ORACLE_ALGORITHMS], struct error *err);

/* oracle_stages.c: one side goes through all stages of a trial, and `take` looks at what each of them left. */
typedef int oracle_take_fn(void *context, size_t stage, const struct trial *call, const struct layout *layout,
                           const struct arena *arena, struct error *err);
struct oracle_walk {
    struct oracle *oracle;
    int which;
    size_t function;
    oracle_take_fn *take;
    void *context;
    const struct oracle_spoiler *spoiler; /* or NULL */
};
int oracle_walk_stages(const struct oracle_walk *walk, const struct trial *full, struct error *err);

/* What one float32 algorithm gives over all stages: got[a] by argument, in *storage, which the caller frees. */
int oracle_collect_stages(struct oracle *oracle, size_t function, const struct trial *full,
                          const struct oracle_spoiler *spoiler, const void **got, void **storage, struct error *err);

#endif
