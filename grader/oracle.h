/* SPDX-License-Identifier: MIT */
/* What the right answer is. The reference runs in float64 on the exact inputs of the case (the oracle), and in float32
 * as two different plain algorithms, whose own errors set the tolerance (grader/compare.h). All three run in workers.
 */
#ifndef GRADER_ORACLE_H
#define GRADER_ORACLE_H

#include <stddef.h>

#include "grader/build.h"
#include "grader/compare.h"
#include "grader/error.h"
#include "grader/sandbox/sandbox.h"
#include "grader/spec.h"
#include "grader/trial.h"

struct expected_output {
    size_t argument; /* index in the entry's arguments: outputs and inouts, then measures */
    size_t rank;
    int64_t shape[SPEC_RANK_MAX]; /* of the arrays below: [stages] and the argument's own if the case has stages */
    int64_t count;                /* of their elements; what a shorter stage leaves is 0 */
    void *value;                  /* count elements: double for floats, the output's own type for integers */
    double *gauge;                /* rule gauge, else NULL */
    struct compare_rule rule;
    struct compare_bound bound;
};

/* The answers to one content of one case. */
struct expectation {
    size_t count;
    struct expected_output output[SPEC_ARGUMENTS_MAX];
    void *storage;
};

void expectation_release(struct expectation *expectation);

struct oracle;

struct oracle_setup {
    const struct spec *spec;
    const struct build_pack *pack;
    const struct sandbox_support *support;
    const struct spec_case *const *cases; /* every case it will be asked about */
    size_t case_count;
    unsigned threads; /* of OpenBLAS; 0 for one */
    const volatile int *cancel;
};
/* Starts the two reference workers, large enough for the given cases. */
int oracle_open(const struct oracle_setup *setup, struct oracle **oracle, struct error *err);
void oracle_close(struct oracle *oracle);

/* Runs the pack's `generate` for this case, if it has one: rewrites the trial's inputs. */
int oracle_generate(struct oracle *oracle, struct trial *trial, struct error *err);

/* Values, gauges and bounds (from the float32 ensemble) for the trial's content, in storage of the expectation's own.
 * The reference failing, leaving an element unwritten, or a bound that is not valid, is ERROR_CHALLENGE. */
int oracle_answer(struct oracle *oracle, const struct trial *trial, struct expectation *expectation, struct error *err);

/* Values and gauges only, where the oracle's worker left them: valid until the next call on this oracle, bounds unset.
 * For timed calls, whose outputs are too large to copy about. */
int oracle_truth(struct oracle *oracle, const struct trial *trial, struct expectation *expectation, struct error *err);

/* Adds the bounds of the float32 ensemble to what oracle_truth gave; the truth stays valid. */
int oracle_bounds(struct oracle *oracle, const struct trial *trial, struct expectation *expectation, struct error *err);

/* The pack's objective_<entry> in float64, a scalar L of the trial's inputs, where the parameter that output i of
 * `displacement` is the gradient for is moved by displacement[i] (one array of float64 for each output that declares
 * itself a gradient, in argument order). */
int oracle_objective(struct oracle *oracle, const struct trial *trial, const double *const *displacement, double *loss,
                     struct error *err);

/* The pack's measure_<entry> in float64, on what was handed in: got[a], by argument, holds each output and inout in the
 * argument's own type, one array of the case's shape for each of `stages` calls (1 for a plain case). Fills measure[a]
 * for each measure. The function must survive any contents: its failure is ERROR_CHALLENGE. What oracle_truth left is
 * gone. */
int oracle_measure(struct oracle *oracle, const struct trial *trial, size_t stages, const void *const *got,
                   double *const *measure, struct error *err);

/* What the float32 reference gives over all stages of a case when one of its outputs is spoiled before anybody else
 * sees it: got[a] by argument, in *storage, which the caller frees whatever is returned. */
struct oracle_spoiler {
    size_t argument;
    void (*spoil)(void *context, const struct trial *call, void *array);
    void *context;
};
int oracle_follow(struct oracle *oracle, const struct trial *trial, const struct oracle_spoiler *spoiler,
                  const void **got, void **storage, struct error *err);

/* Room for the measures of one call, by argument, as oracle_measure fills it. */
struct measures {
    double *storage;
    double *value[SPEC_ARGUMENTS_MAX];
};
int measures_open(const struct trial *trial, struct measures *measures, struct error *err);
void measures_release(struct measures *measures);

/* OpenBLAS's own words, once the float32 worker is up. */
void oracle_blas(const struct oracle *oracle, char *core, size_t core_size, char *config, size_t config_size);

#endif
