/* SPDX-License-Identifier: MIT */
/* Gates, partial points and curves, public and hidden. */
#include <math.h>
#include <stdio.h>

#include "tests/harness/fixture.h"

static void name_gates(struct fixture *f) {
    static const char *const NAME[FIXTURE_GATES] = {"forward", "long-run"};
    static const char *const TITLE[FIXTURE_GATES] = {
        "one step from given weights", "many steps, with a title so long that a line of eighty columns cannot hold it"};
    struct grade *grade = &f->grade;
    f->spec.gate_count = grade->gate_count = FIXTURE_GATES;
    f->spec.partial = true;
    for (size_t k = 0; k < FIXTURE_GATES; k++) {
        f->spec.gate[k] = (struct spec_gate){.name = (char *)NAME[k], .title = (char *)TITLE[k]};
        grade->gate[k] = (struct grade_gate){.name = NAME[k], .title = TITLE[k], .max_points = 50};
    }
    for (size_t i = 0; i < FIXTURE_CASES; i++) {
        size_t k = i % FIXTURE_GATES;
        struct grade_gate *gate = &grade->gate[k];
        f->cases[i].gate = NAME[k];
        gate->cases++;
        gate->hidden_cases += f->cases[i].hidden;
        if (f->cases[i].verdict == VERDICT_PASSED) {
            gate->passed++;
            gate->hidden_passed += f->cases[i].hidden;
        }
    }
    for (size_t k = 0; k < FIXTURE_GATES; k++)
        grade->gate[k].points = grade_gate_passed(&grade->gate[k]) ? 50 : 0;
    grade->points = grade->gate[0].points + grade->gate[1].points;
}

/* Case `i` gets the curve "loss"; where `first` is not negative the curves part there. */
static void add_curve(struct fixture *f, size_t i, size_t count, int64_t first) {
    struct grade_curve *curve = &f->curve[i];
    *curve = (struct grade_curve){.output = "loss",
                                  .count = count,
                                  .got = f->values[i],
                                  .expected = f->values[i] + FIXTURE_STEPS,
                                  .tolerance = 2e-5,
                                  .first_divergence = first,
                                  .passed = first < 0};
    for (size_t k = 0; k < count; k++) {
        curve->expected[k] = 2 + 2 * exp(-4.0 * (double)k / (double)count);
        curve->got[k] = curve->expected[k];
        if (first >= 0 && (int64_t)k >= first)
            curve->got[k] += 0.02 * (double)(k + 1 - (size_t)first);
    }
    f->cases[i].curve = curve;
    f->cases[i].curve_count = 1;
}

void fixture_gates(struct fixture *f) {
    fixture_base(f);
    fixture_fail_case(f, 1, VERDICT_WRONG_ANSWER);
    fixture_wrong_numbers(f, 1, 0.39810);
    name_gates(f);
    add_curve(f, 1, 160, 107);
    add_curve(f, 2, FIXTURE_STEPS, -1);
}

/* A hidden case fails: what is drawn is the longest public curve, although the hidden one is longer and wrong. */
void fixture_gates_hidden(struct fixture *f) {
    fixture_base(f);
    fixture_fail_case(f, 3, VERDICT_WRONG_ANSWER);
    name_gates(f);
    add_curve(f, 0, 1, -1);
    add_curve(f, 2, 40, -1);
    add_curve(f, 3, FIXTURE_STEPS, 20);
    f->curve[3].output = "secret_curve";
    f->curve[3].got[7] = 0.7777;
    f->curve[2].tolerance = NAN;
    f->curve[2].got[39] = f->curve[2].expected[39] = NAN;
}
