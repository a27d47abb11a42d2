/* SPDX-License-Identifier: MIT */
/* What a grading asks: every case with its contents and the right answers. They hang on the challenge and the seed
 * alone, so gradings of many solutions may share them. */
#include <stdlib.h>
#include <string.h>

#include "grader/grading.h"

struct grade_answers {
    const struct spec *spec; /* NULL until a grading has answered everything */
    uint64_t seed;
    struct question *question;
    size_t count;
    char blas_core[sizeof(((struct grade *)0)->blas_core)], blas_config[sizeof(((struct grade *)0)->blas_config)];
};

struct grade_answers *grade_answers_new(void) {
    return calloc(1, sizeof(struct grade_answers));
}

static void release(struct question *question, size_t count) {
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < QUESTION_CONTENTS; k++) {
            trial_release(&question[i].trial[k]);
            expectation_release(&question[i].answer[k]);
        }
    free(question);
}

void grade_answers_free(struct grade_answers *answers) {
    if (answers == NULL)
        return;
    release(answers->question, answers->count);
    free(answers);
}

bool grading_has_answers(const struct grading *g) {
    const struct grade_answers *kept = g->request->answers;
    return kept != NULL && kept->spec == g->request->spec && kept->seed == g->request->seed &&
           g->request->only_case == NULL;
}

static void take_kept(struct grading *g) {
    const struct grade_answers *kept = g->request->answers;
    free(g->question);
    g->question = kept->question;
    g->borrowed = true;
    memcpy(g->grade->blas_core, kept->blas_core, sizeof kept->blas_core);
    memcpy(g->grade->blas_config, kept->blas_config, sizeof kept->blas_config);
}

/* A single case is not worth keeping, and what is kept is never replaced: others may be reading it. */
static void keep(struct grading *g) {
    struct grade_answers *kept = g->request->answers;
    if (kept == NULL || kept->spec != NULL || g->request->only_case != NULL)
        return;
    *kept = (struct grade_answers){
        .spec = g->request->spec, .seed = g->request->seed, .question = g->question, .count = g->question_count};
    memcpy(kept->blas_core, g->grade->blas_core, sizeof kept->blas_core);
    memcpy(kept->blas_config, g->grade->blas_config, sizeof kept->blas_config);
    g->borrowed = true;
}

static int answer(struct grading *g, struct question *question, size_t k, struct error *err) {
    struct trial *trial = &question->trial[k];
    if (trial_init(trial, g->request->spec, question->c, err) != 0)
        return -1;
    trial_fill(trial, g->request->seed, k);
    if (oracle_generate(g->oracle, trial, err) != 0)
        return -1;
    return oracle_answer(g->oracle, trial, &question->answer[k], err);
}

int grading_prepare_questions(struct grading *g, struct error *err) {
    if (grading_has_answers(g)) {
        take_kept(g);
        return 0;
    }
    for (size_t i = 0; i < g->question_count; i++) {
        if (grading_progress(g, "reference", i, g->question_count))
            return 0;
        for (size_t k = 0; k < g->question[i].c->contents; k++)
            if (answer(g, &g->question[i], k, err) != 0)
                return -1;
    }
    keep(g);
    return 0;
}

void grading_release_questions(struct grading *g) {
    if (!g->borrowed)
        release(g->question, g->question_count);
    g->question = NULL;
    g->question_count = 0;
}
