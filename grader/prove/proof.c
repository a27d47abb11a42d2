/* SPDX-License-Identifier: MIT */
/* What several proofs need: findings, and contents with their answers. */
#include "grader/prove/proof.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *proof_text(const char *format, ...) {
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int length = vasprintf(&text, format, arguments);
    assert(length >= 0);
    (void)length;
    va_end(arguments);
    return text;
}

void proof_find(struct prove_step *step, enum prove_state state, const char *place, const char *what,
                const char *remedy) {
    struct prove_finding *grown = realloc(step->finding, (step->finding_count + 1) * sizeof *grown);
    assert(grown != NULL);
    step->finding = grown;
    step->finding[step->finding_count++] = (struct prove_finding){.state = state,
                                                                  .place = proof_text("%s", place),
                                                                  .what = proof_text("%s", what),
                                                                  .remedy = proof_text("%s", remedy)};
    if (state == PROVE_FAILED || step->state == PROVE_OK)
        step->state = state;
}

bool proof_progress(const struct proof *proof, const struct prove_step *step, size_t done, size_t total) {
    const struct prove_request *request = proof->request;
    if (request->progress != NULL)
        request->progress(request->progress_context, step->name, done, total);
    return request->cancel != NULL && *request->cancel != 0;
}

int proof_oracle_open(const struct proof *proof, unsigned threads, struct oracle **oracle, struct error *err) {
    const struct oracle_setup setup = {.spec = proof->spec,
                                       .pack = &proof->pack,
                                       .support = &proof->support,
                                       .cases = proof->cases,
                                       .case_count = proof->case_count,
                                       .threads = threads,
                                       .cancel = proof->request->cancel};
    return oracle_open(&setup, oracle, err);
}

int proof_blame(struct proof *proof, struct prove_step *step, const char *place, const char *remedy,
                struct error *err) {
    if (err->owner != ERROR_CHALLENGE)
        return -1;
    proof_find(step, PROVE_FAILED, place, err->text, remedy);
    oracle_close(proof->oracle);
    proof->oracle = NULL;
    return proof_oracle_open(proof, 1, &proof->oracle, err);
}

int proof_content_open(struct proof *proof, const struct spec_case *c, uint64_t call, struct proof_content *content,
                       struct error *err) {
    *content = (struct proof_content){0};
    if (trial_init(&content->trial, proof->spec, c, err) != 0)
        return -1;
    trial_fill(&content->trial, proof->request->seed, call);
    if (oracle_generate(proof->oracle, &content->trial, err) == 0 &&
        oracle_answer(proof->oracle, &content->trial, &content->answer, err) == 0)
        return 0;
    proof_content_release(content);
    return -1;
}

void proof_content_release(struct proof_content *content) {
    trial_release(&content->trial);
    expectation_release(&content->answer);
}
