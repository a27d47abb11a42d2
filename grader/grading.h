/* SPDX-License-Identifier: MIT */
/* What the rooms of one grading share while it runs. Private to the corridor (grade*.c, lap.c). */
#ifndef GRADER_GRADING_H
#define GRADER_GRADING_H

#include "grader/build.h"
#include "grader/grade.h"
#include "grader/layout.h"
#include "grader/oracle.h"
#include "grader/run.h"
#include "grader/turn.h"

/* A second content defeats answers cached by pointer. */
enum { QUESTION_CONTENTS = SPEC_CONTENTS_MAX };

/* One case with its contents and the right answers, ready before the candidate has been compiled. */
struct question {
    const struct spec_case *c;
    struct trial trial[QUESTION_CONTENTS];
    struct expectation answer[QUESTION_CONTENTS];
};

struct grading {
    const struct grade_request *request;
    struct grade *grade;
    struct locate_parts parts;
    struct sandbox_support support;
    struct scratch scratch;
    struct turn turn;
    struct build_site site;
    struct build_pack pack;
    struct build_job job;
    char solution[SCRATCH_PATH];
    const char *entry[SPEC_ENTRIES_MAX];
    struct oracle *oracle;
    size_t question_count;
    struct question *question;
    bool borrowed;         /* the questions belong to request->answers */
    uint64_t key;          /* of canaries and poison */
    uint64_t serial;       /* of layouts */
    uint64_t next_content; /* of timed calls; counts up: no content is ever seen twice */
    unsigned threads;
};

/* Tells the caller; true when the grading has been cancelled. */
bool grading_progress(const struct grading *g, const char *stage, size_t done, size_t total);
bool grading_cancelled(const struct grading *g);

/* Waits for the machine, as grader/turn.h says; it is given back when the grading ends. Cancelling ends the waiting,
 * with an error. */
int grading_take_turn(struct grading *g, enum turn_kind kind, struct error *err);

/* Fills in what every candidate worker needs; the caller sets arena, capacity and cpu. */
void grading_run_setup(const struct grading *g, struct run_setup *setup);

/* Appends what the solution printed, up to a cap. */
void grading_keep_output(struct grading *g, const struct run *run);

/* Compares every output of one slot, and then every measure of them, with its answer. `got` holds a copy of the slot's
 * outputs. Outputs that are unwritten or not finite are not measured. Keeps the worse of what `output[i]` holds and
 * what is seen. Returns the verdict of the first failing output in argument order. */
struct grading_view {
    const struct trial *trial;
    const struct layout *layout;
    const struct expectation *answer;
    struct oracle *oracle; /* takes the measures; may be NULL for an entry without */
    size_t slot;
    uint64_t poison_key;       /* of the first stage; those after it count up */
    void *const *got;          /* by position in answer->output */
    struct pattern *pattern;   /* set when an output fails, may be NULL */
    struct grade_case *curves; /* keeps the outputs that are curves, may be NULL */
};
enum verdict grading_compare(const struct grading_view *view, struct grade_output *output, size_t *failing,
                             double *used, struct error *err);

/* grade_curve.c: keeps this output in view->curves if it is a curve of a public case: the first time that it is seen,
 * and again when it is wrong for the first time. */
int grading_keep_curve(const struct grading_view *view, const struct expected_output *expected,
                       const struct compare_tensor *seen, const struct compare_result *result, struct error *err);
void grading_release_curves(struct grade_case *c);

/* grade_gate.c: counts the cases of each gate, and gives how many gates are passed; then what each has earned, once
 * the points of the grading are known. */
size_t grading_count_gates(struct grade *grade);
void grading_pay_gates(struct grade *grade);

/* A private copy of the outputs of one slot, or of all stages of a case, taken out of the shared memory before anything
 * looks at them. What a stage that is shorter than the whole leaves is 0. */
struct snapshot {
    void *storage;
    size_t count;
    size_t argument[SPEC_ARGUMENTS_MAX]; /* the outputs, in argument order: the same as an expectation's */
    size_t bytes[SPEC_ARGUMENTS_MAX];    /* of one call */
    void *output[SPEC_ARGUMENTS_MAX];
};
/* Makes room, and touches it, so that copying later is quick. */
int snapshot_open(const struct trial *trial, struct snapshot *snapshot, struct error *err);
void snapshot_take(const struct layout *layout, const struct arena *arena, size_t slot, struct snapshot *snapshot);
/* The same for call k of several. */
void snapshot_take_call(const struct layout *layout, const struct arena *arena, size_t slot, size_t k,
                        struct snapshot *snapshot);
void snapshot_release(struct snapshot *snapshot);

/* What comes before anything runs here, a grading or a proof: what dead graders left is cleared away, and the machine's
 * sandbox is looked at. Fails when it is weaker than required. */
int grading_open_machine(enum sandbox_level require, enum sandbox_level at_most, struct sandbox_support *support,
                         struct error *err);
/* The rest of what does not depend on the candidate's file. */
int grading_open_site(struct grading *g, struct error *err);

/* An earlier grading has left the answers to all questions, so that the reference need not be asked. */
bool grading_has_answers(const struct grading *g);

/* The stages. They return -1 only for our own or the challenge's faults. */
int grading_prepare_questions(struct grading *g, struct error *err);
void grading_release_questions(struct grading *g);
int grading_correct(struct grading *g, struct error *err);
int grading_timed(struct grading *g, struct error *err);

#endif
