/* SPDX-License-Identifier: MIT */
/* The starting point, and what a grading costs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/clock.h"
#include "grader/prove/proof.h"

int proof_starter(struct proof *proof, struct prove_step *step, struct error *err) {
    struct prove_solution row = {.expected = VERDICT_COUNT, .got = VERDICT_COUNT};
    char *path = proof_text("%s/starter.c", proof->spec->directory);
    proof_gates_read(proof->spec, path, &row);
    const int status = proof_grade(proof, path, 0, &row, err);
    free(path);
    if (status != 0)
        return err->owner == ERROR_HARNESS ? -1 : proof_blame(proof, step, "starter.c", "mend starter.c", err);
    if (row.got == VERDICT_COMPILE_ERROR || row.got == VERDICT_REJECTED_BINARY)
        proof_find(step, PROVE_FAILED, "starter.c", row.detail,
                   "make it compile: a candidate begins with something that runs");
    else if (row.got == VERDICT_PASSED)
        proof_find(step, PROVE_FAILED, "starter.c", "it passes as it is", "take the answer out of it");
    proof_gates_judge(proof->spec, step, "starter.c", &row);
    snprintf(step->summary, sizeof step->summary, "it ends in %s%s", verdict_code(row.got),
             row.promises_gates && prove_gates_kept(&row) ? " and fails the gates it promises" : "");
    return 0;
}

/* The first accepted solution, as what a candidate waits for. */
int proof_cost(struct proof *proof, struct prove_step *step, struct error *err) {
    const struct prove_report *report = proof->report;
    int64_t proof_ns = 0, grading_ns = 0;
    for (size_t id = 0; id < PROVE_COST; id++)
        proof_ns += report->step[id].wall_ns;
    for (size_t i = 0; i < report->solution_count && grading_ns == 0; i++) {
        struct prove_solution row;
        if (report->solution[i].got != VERDICT_PASSED)
            continue;
        char *path = proof_text("%s/solutions/%s", proof->spec->directory, report->solution[i].name);
        const int64_t start_ns = clock_now_ns();
        const int status = proof_grade(proof, path, 0, &row, err);
        free(path);
        if (status != 0)
            return -1;
        grading_ns = clock_now_ns() - start_ns;
    }
    snprintf(step->summary, sizeof step->summary, "a grading takes %.2g s without timing; this proof took %.0f s",
             (double)grading_ns / 1e9, (double)proof_ns / 1e9);
    return 0;
}
