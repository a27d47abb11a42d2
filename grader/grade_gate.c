/* SPDX-License-Identifier: MIT */
/* Gates: how many cases of each were right, and what that earned. */
#include "grader/grading.h"

size_t grading_count_gates(struct grade *grade) {
    const struct spec *spec = grade->spec;
    size_t passed = 0;
    grade->gate_count = spec->gate_count;
    for (size_t k = 0; k < grade->gate_count; k++)
        grade->gate[k] = (struct grade_gate){.name = spec->gate[k].name,
                                             .title = spec->gate[k].title,
                                             .max_points = spec->points_correct / (double)spec->gate_count};
    for (size_t i = 0; i < grade->case_count && grade->gate_count > 0; i++) {
        const struct grade_case *c = &grade->cases[i];
        struct grade_gate *gate = &grade->gate[spec->cases[c->number - 1].gate];
        const size_t right = c->verdict == VERDICT_PASSED;
        gate->cases++;
        gate->passed += right;
        gate->hidden_cases += c->hidden;
        gate->hidden_passed += c->hidden ? right : 0;
    }
    for (size_t k = 0; k < grade->gate_count; k++)
        passed += grade_gate_passed(&grade->gate[k]);
    return passed;
}

void grading_pay_gates(struct grade *grade) {
    for (size_t k = 0; k < grade->gate_count; k++) {
        struct grade_gate *gate = &grade->gate[k];
        /* No points at all: without `partial` one gate took them all, or a timed call was at fault. */
        gate->points = grade_gate_passed(gate) && grade->points > 0 ? gate->max_points : 0;
    }
}
