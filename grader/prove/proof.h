/* SPDX-License-Identifier: MIT */
/* What the proofs of one pack share while prove_run works. Private to grader/prove/. */
#ifndef GRADER_PROVE_PROOF_H
#define GRADER_PROVE_PROOF_H

#include "grader/build.h"
#include "grader/oracle.h"
#include "grader/prove/prove.h"
#include "grader/trial.h"

struct proof {
    const struct prove_request *request;
    struct prove_report *report;
    struct spec *spec; /* NULL until PROVE_FILES has read it */
    struct sandbox_support support;
    struct locate_parts parts;
    struct scratch scratch;
    struct build_site site;
    struct build_pack pack; /* valid once PROVE_CONTRACT is ok */
    struct oracle *oracle;  /* open over all cases and timed families once PROVE_CONTRACT is ok */
    size_t case_count;      /* spec->cases, then every family of every timed case */
    const struct spec_case **cases;
    size_t correctness_count;      /* the first of them: spec->cases */
    struct grade_answers *answers; /* what all gradings share */
};

/* One row of the table in prove.c. Returns 0 when the step has been judged (its findings say how), -1 for our own
 * faults. A step whose `needs` did not come out ok is skipped by the runner. */
typedef int proof_fn(struct proof *proof, struct prove_step *step, struct error *err);

proof_fn proof_files, proof_contract, proof_reference, proof_baseline, proof_example, proof_starter, proof_solutions,
    proof_margin, proof_power, proof_gradient, proof_sensitivity, proof_noise, proof_cost;

/* Adds a finding; the texts are copied. The state of the
 * step becomes FAILED or, from OK, NOTED. */
void proof_find(struct prove_step *step, enum prove_state state, const char *place, const char *what,
                const char *remedy);
/* Formats on the heap; the caller frees. Aborts when there is no memory: a proof has no use for half a sentence. */
char *proof_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* True when the caller has cancelled; tells progress. */
bool proof_progress(const struct proof *proof, const struct prove_step *step, size_t done, size_t total);

/* The reference on `threads` OpenBLAS threads, with room for every case of the proof. */
int proof_oracle_open(const struct proof *proof, unsigned threads, struct oracle **oracle, struct error *err);

/* What the reference did on a case: a fault of the challenge becomes a finding at `place`, and the workers are started
 * anew, since it may have killed them. Returns -1 for any other error. */
int proof_blame(struct proof *proof, struct prove_step *step, const char *place, const char *remedy, struct error *err);

/* One content of a case and the right answers to it. */
struct proof_content {
    struct trial trial;
    struct expectation answer;
};
int proof_content_open(struct proof *proof, const struct spec_case *c, uint64_t call, struct proof_content *content,
                       struct error *err);
void proof_content_release(struct proof_content *content);

/* The verdict in the first line of a solution, VERDICT_COUNT if there is none. */
enum verdict proof_promise(const char *path);

/* proof_gates.c, about `// fails: GATE ...`: adds it to a row that has its expected verdict; finds what is wrong with
 * the promise itself; the gates that a grading saw fail; finds a difference between the two. */
void proof_gates_read(const struct spec *spec, const char *path, struct prove_solution *row);
void proof_gates_look(const struct spec *spec, struct prove_step *step, const char *place, const char *path,
                      bool accepted);
unsigned proof_gates_failed(const struct grade *grade);
void proof_gates_judge(const struct spec *spec, struct prove_step *step, const char *place,
                       const struct prove_solution *row);

/* Grades a file of the pack, timed for `timing_s` seconds if that is not 0. Fills all of row but name and promise. */
int proof_grade(const struct proof *proof, const char *path, double timing_s, struct prove_solution *row,
                struct error *err);

/* How an output array (of the output's own type) is judged against the answer: used > 1 is a rejection, and `used` is
 * how many times the tolerance it is off (INFINITY for unwritten and not finite). */
double proof_used(const struct trial *trial, const struct expected_output *output, const void *got);

/* The right answer rounded to the output's own type, as a perfect candidate would return it. Caller frees. */
void *proof_perfect(const struct trial *trial, const struct expected_output *output);

bool proof_is_measure(const struct trial *trial, const struct expected_output *output);

/* All that a solution hands in for one content, by position in its expectation: the perfect answer to begin with, NULL
 * for measures. */
struct proof_answer {
    size_t count;
    void *array[SPEC_ARGUMENTS_MAX];
};
void proof_answer_open(const struct proof_content *content, struct proof_answer *answer);
void proof_answer_release(struct proof_answer *answer);

/* What the worst of the entry's measures says of this answer to the trial's inputs, as proof_used does; 0 for an entry
 * without measures. */
int proof_used_by_measures(struct oracle *oracle, const struct trial *trial, const struct expectation *truth,
                           const struct proof_answer *answer, double *used, struct error *err);

/* proof_carry.c: is this output judged by what later stages make of it? */
bool proof_is_state(const struct trial *trial, const struct expected_output *output);

/* How far off a case is whose every stage hands on, as output i, what this member of the panel makes of it. *tried is
 * false if it makes nothing of it. The reference may be started anew. */
int proof_used_afterwards(struct proof *proof, const struct proof_content *now, size_t i, size_t member, bool *tried,
                          double *used, struct error *err);

/* Feeds the measures bytes that no solution should hand in, and some will. */
int proof_survives(struct oracle *oracle, const struct proof_content *content, struct error *err);

#endif
