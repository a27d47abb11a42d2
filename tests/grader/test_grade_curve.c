/* SPDX-License-Identifier: MIT */
/* Which call's curve is kept, and what the gates of a grading have earned. */
#include <check.h>
#include <math.h>

#include "grader/grading.h"

enum { COUNT = 4 };

/* One output `loss` of four elements under the rule curve, seen beside its answer. */
struct look {
    struct spec_entry entry;
    struct trial trial;
    struct expected_output answer;
    struct compare_tensor seen;
    struct grading_view view;
    struct grade_case c;
    double truth[COUNT];
    float got[COUNT];
};

static const int64_t shape[] = {COUNT};

static void look_init(struct look *look) {
    *look = (struct look){.truth = {4, 3, 2, 1}, .got = {4, 3, 2, 1}};
    look->entry.argument_count = 1;
    look->entry.argument[0] = (struct spec_argument){.name = "loss", .role = SPEC_OUTPUT, .rank = 1, .curve = true};
    look->trial.entry = &look->entry;
    look->answer = (struct expected_output){.rule = {.rule = SPEC_RULE_CURVE, .floor = 1e-5, .limit = 1e-4},
                                            .bound = {.ratio = 1e-5, .rms = INFINITY, .valid = true}};
    look->seen = (struct compare_tensor){
        .name = "loss", .type = DTYPE_F32, .rank = 1, .shape = shape, .got = look->got, .expected = look->truth};
    look->view = (struct grading_view){.trial = &look->trial, .curves = &look->c};
}

static void look_at(struct look *look) {
    struct compare_result result;
    struct error err;
    compare_judge(&look->seen, &look->answer.rule, &look->answer.bound, &result);
    ck_assert_int_eq(grading_keep_curve(&look->view, &look->answer, &look->seen, &result, &err), 0);
}

START_TEST(the_first_call_is_kept) {
    struct look look;
    look_init(&look);
    look_at(&look);
    look.got[0] = 4.000004F;
    look_at(&look);
    ck_assert_uint_eq(look.c.curve_count, 1);
    const struct grade_curve *curve = &look.c.curve[0];
    ck_assert_str_eq(curve->output, "loss");
    ck_assert_uint_eq(curve->count, COUNT);
    ck_assert(curve->passed && curve->first_divergence == -1 && curve->tolerance == 1e-5);
    for (int i = 0; i < COUNT; i++)
        ck_assert(curve->got[i] == look.truth[i] && curve->expected[i] == look.truth[i]);
    grading_release_curves(&look.c);
    ck_assert(look.c.curve == NULL && look.c.curve_count == 0);
}
END_TEST

START_TEST(the_first_wrong_call_takes_its_place) {
    struct look look;
    look_init(&look);
    look_at(&look);
    look.got[2] = NAN;
    look.got[3] = 7;
    look_at(&look);
    look.got[1] = 9;
    look_at(&look);
    ck_assert_uint_eq(look.c.curve_count, 1);
    ck_assert(!look.c.curve[0].passed && look.c.curve[0].first_divergence == 2);
    ck_assert(look.c.curve[0].got[1] == 3 && isnan(look.c.curve[0].got[2]) && look.c.curve[0].got[3] == 7);
    grading_release_curves(&look.c);
}
END_TEST

START_TEST(some_have_none) {
    struct look look;
    look_init(&look);
    look.c.hidden = true;
    look_at(&look);
    look.c.hidden = false;
    look.entry.argument[0].curve = false;
    look_at(&look);
    ck_assert(look.c.curve == NULL && look.c.curve_count == 0);
    look.entry.argument[0].curve = true;
    look.view.curves = NULL;
    look_at(&look);
    ck_assert_uint_eq(look.c.curve_count, 0);
}
END_TEST

START_TEST(whole_numbers) {
    static const int32_t got[COUNT] = {1, 2, 3, -4}, want[COUNT] = {1, 2, 3, 4};
    struct look look;
    look_init(&look);
    look.answer.rule = (struct compare_rule){.rule = SPEC_RULE_EXACT};
    look.answer.bound = (struct compare_bound){.valid = true};
    look.seen.type = DTYPE_I32;
    look.seen.got = got;
    look.seen.expected = want;
    look_at(&look);
    ck_assert(look.c.curve[0].got[3] == -4 && look.c.curve[0].expected[3] == 4 && look.c.curve[0].tolerance == 0);
    ck_assert_int_eq(look.c.curve[0].first_divergence, 3);
    grading_release_curves(&look.c);
}
END_TEST

static struct spec spec;
static struct grade grade;

/* Three gates; the cases belong to the gates 0 1 1 2 2, the last one is hidden. */
static void open_gates(struct grade_case cases[5], enum verdict third, enum verdict last) {
    static struct spec_case spec_cases[5] = {{.gate = 0}, {.gate = 1}, {.gate = 1}, {.gate = 2}, {.gate = 2}};
    static char name[] = "gate";
    spec = (struct spec){.gate_count = 3, .cases = spec_cases, .case_count = 5, .points_correct = 90};
    for (size_t k = 0; k < 3; k++)
        spec.gate[k] = (struct spec_gate){name, name};
    for (size_t i = 0; i < 5; i++)
        cases[i] = (struct grade_case){.number = i + 1, .hidden = i == 4};
    cases[2].verdict = third;
    cases[4].verdict = last;
    grade = (struct grade){.spec = &spec, .cases = cases, .case_count = 5};
}

START_TEST(gates_count_and_earn) {
    struct grade_case cases[5];
    open_gates(cases, VERDICT_WRONG_ANSWER, VERDICT_PASSED);
    ck_assert_uint_eq(grading_count_gates(&grade), 2);
    ck_assert(grade.gate[1].cases == 2 && grade.gate[1].passed == 1 && !grade_gate_passed(&grade.gate[1]));
    ck_assert(grade.gate[2].hidden_cases == 1 && grade.gate[2].hidden_passed == 1);
    grading_pay_gates(&grade);
    ck_assert(grade.gate[0].points == 0 && grade.gate[0].max_points == 30);
    grade.points = 60;
    grading_pay_gates(&grade);
    ck_assert(grade.gate[0].points == 30 && grade.gate[1].points == 0 && grade.gate[2].points == 30);
}
END_TEST

START_TEST(a_case_that_was_not_run_closes_its_gate) {
    struct grade_case cases[5];
    open_gates(cases, VERDICT_SKIPPED, VERDICT_CRASHED);
    ck_assert_uint_eq(grading_count_gates(&grade), 1);
    ck_assert(grade.gate[2].cases == 2 && grade.gate[2].passed == 1 && grade.gate[2].hidden_passed == 0);
    spec.gate_count = 0;
    ck_assert_uint_eq(grading_count_gates(&grade), 0);
    ck_assert_uint_eq(grade.gate_count, 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("grade_curve");
    TCase *tcase = tcase_create("grade_curve");

    tcase_add_test(tcase, the_first_call_is_kept);
    tcase_add_test(tcase, the_first_wrong_call_takes_its_place);
    tcase_add_test(tcase, some_have_none);
    tcase_add_test(tcase, whole_numbers);
    tcase_add_test(tcase, gates_count_and_earn);
    tcase_add_test(tcase, a_case_that_was_not_run_closes_its_gate);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
