/* SPDX-License-Identifier: MIT */
/* Outputs that only measures judge: who passes, who fails with which words, and whose fault a bad measure is. */
#include <check.h>
#include <string.h>

#include "grader/prove/prove.h"
#include "tests/grader/grade_sample.h"

#define MEASURE       PACKS "/good-measure"
#define MEASURE_RIGHT MEASURE "/solutions/accepted_root.c"
#define HEAD                                                                                                           \
    "#include \"good-measure.h\"\n"                                                                                    \
    "int good_measure(const struct good_measure_params *p, const float *x, const float *y, float *w) {\n"              \
    "    double xy = 0, xx = 0;\n"                                                                                     \
    "    for (int i = 0; i < p->n; i++) xy += (double)x[i] * y[i], xx += (double)x[i] * x[i];\n"
#define TAIL "    return 0;\n}\n"

enum { W, ABOVE, DRIFT, EXPLAINED, OUTPUTS };

static void open_measure(void) {
    office_open();
    office_load(MEASURE);
}

static const struct grade_case *graded(const char *body, enum verdict verdict) {
    char *text = NULL;

    ck_assert_int_gt(asprintf(&text, HEAD "%s" TAIL, body), 0);
    const enum verdict got = office_grade(office_write("mine.c", text));
    ck_assert_msg(got == verdict, "%s: %s (%s)", body, verdict_code(got), office.grade->detail);
    free(text);
    return &office.grade->cases[0];
}

START_TEST(any_right_cut_passes) {
    static const char *const cuts[] = {"w[0] = 1; w[1] = xy / xx;", "w[0] = xy / xx; w[1] = 1;",
                                       "w[0] = -2; w[1] = -xy / xx / 2;", "w[0] = 1e-30f; w[1] = xy / xx * 1e30;"};

    office_must_pass(MEASURE_RIGHT);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        const struct grade_case *c = graded(cuts[i], VERDICT_PASSED);
        ck_assert_uint_eq(c->output_count, OUTPUTS);
        ck_assert_str_eq(c->output[W].name, "w");
        ck_assert_str_eq(c->output[EXPLAINED].name, "explained");
        ck_assert_uint_eq(c->output[DRIFT].rank, 1);
        ck_assert_int_eq(c->output[DRIFT].shape[0], 7);
        ck_assert(c->used > 0 && c->used <= 1);
        ck_assert_double_eq(c->output[W].result.used, 0);
    }
}
END_TEST

/* The first measure that fails is what the report shows: a count, a curve, a share. */
START_TEST(each_measure_rejects) {
    const struct grade_case *c = graded("w[0] = 0; w[1] = 3;", VERDICT_WRONG_ANSWER);
    ck_assert_uint_eq(c->worst, ABOVE);
    ck_assert_double_eq(c->output[ABOVE].result.first.got, 0);
    ck_assert_double_eq(c->output[ABOVE].result.first.expected, 7);
    ck_assert_int_eq(c->output[W].result.verdict, VERDICT_PASSED);
    ck_assert_int_eq(c->output[EXPLAINED].result.verdict, VERDICT_WRONG_ANSWER);
    ck_assert(c->used > 1);
    c = graded("w[0] = 1.0001; w[1] = xy / xx;", VERDICT_WRONG_ANSWER);
    ck_assert_uint_eq(c->worst, DRIFT);
    ck_assert_int_eq(c->output[EXPLAINED].result.verdict, VERDICT_PASSED);
    ck_assert_str_ne(c->catches, "");
    ck_assert(c->has_pattern);
    graded("w[0] = 1e30f; w[1] = 1e30f;", VERDICT_WRONG_ANSWER);
}
END_TEST

/* Of what is no number nothing is measured. */
START_TEST(what_is_no_number_is_not_measured) {
    const struct grade_case *c = graded("w[0] = 1; w[1] = 0 / (xx - xx);", VERDICT_NOT_FINITE);
    ck_assert_uint_eq(c->output_count, 1);
    ck_assert_uint_eq(c->worst, W);
    ck_assert_int_eq(c->output[W].result.first.flat, 1);
    c = graded("w[0] = 1;", VERDICT_UNWRITTEN_OUTPUT);
    ck_assert_int_eq(c->output[W].result.error.unwritten, 1);
    graded("w[1] = xy / xx; w[0] = 1; w[2] = 0;", VERDICT_OUT_OF_BOUNDS);
}
END_TEST

/* Any cut is right, but it has to be the same one for the same inputs. */
START_TEST(the_same_inputs_give_the_same_bits) {
    graded("static int calls; w[0] = ++calls; w[1] = xy / xx / calls;", VERDICT_WRONG_ANSWER);
    ck_assert_ptr_nonnull(strstr(office.grade->cases[0].detail, "other bits in w"));
}
END_TEST

struct change {
    const char *file, *from, *to, *words;
};

#define EXPLAINS "explained[0] = 1 - error2 / size2;"

static const struct change changes[] = {
    {"reference.c", EXPLAINS, "", "leaves element 0 of explained unwritten"},
    {"reference.c", EXPLAINS, "explained[0] = 0.5;", "itself reaches only explained[0] = 0.5"},
    {"reference.c", EXPLAINS, "explained[0] = (sum - sum) / (sum - sum);", "it must be a number there"},
    {"reference.c", "(void)x, (void)y;", "(void)x, (void)y;\n    if (p->n == 40) return 3;", "returned 3"},
    {"reference.c", "int measure_good_measure", "int other_good_measure", "measure_good_measure"},
    {"reference.c", "const real *w,", "real *w,", "reference.c:"},
    {"reference.c", "xy / (real)3", "xy / (real)3 * (real)1.01", "but the cap is 0.0001"},
    {"reference.c", "w[1] = (real)3 / xx;", "w[1] = (real)3 / (xx - xx);", "gives NaN or infinity"},
    {"challenge.json", "\"floor\": 1e-6, \"cap\": 1e-4", "\"floor\": 1e-14, \"cap\": 1e-12", "raise the cap"},
    {"challenge.json", "\"limit\": 0.99", "\"limit\": 1", "lower the limit"},
};

START_TEST(a_bad_measure_is_the_challenges_fault) {
    const struct change *change = &changes[_i];

    office_change_copy("good-measure", change->file, change->from, change->to);
    office_must_fail(MEASURE_RIGHT, ERROR_CHALLENGE, change->words);
}
END_TEST

/* A measure that only some candidate's numbers kill: still nothing that the candidate is to blame for. */
START_TEST(a_measure_must_survive) {
    office_change_copy("good-measure", "reference.c", "(void)x, (void)y;",
                       "(void)x, (void)y;\n    if (slope > 1e6) __builtin_trap();");
    office_must_pass(MEASURE_RIGHT);
    const char *file = office_write("huge.c", HEAD "    w[0] = w[1] = 1e4f;\n" TAIL);
    office_must_fail(file, ERROR_CHALLENGE, "measure_good_measure");
    office_must_fail(file, ERROR_CHALLENGE, "must survive whatever a solution hands in");
}
END_TEST

static enum prove_state proven(enum prove_step_id step) {
    const struct prove_request request = {
        .directory = office.spec->directory, .seed = 3, .require = SANDBOX_D, .at_most = SANDBOX_A};
    struct prove_report *report = NULL;

    ck_assert_msg(prove_run(&request, &report, &office.err) == 0, "%s", office.err.text);
    const enum prove_state state = report->step[step].state;
    prove_free(report);
    return state;
}

/* A lazy output is rejected when a measure rejects it; with blind measures nothing is, and what kills them is found. */
START_TEST(proofs_ask_the_measures) {
    ck_assert_int_eq(proven(PROVE_POWER), PROVE_OK);
    ck_assert_int_eq(proven(PROVE_SENSITIVITY), PROVE_OK);
    ck_assert_int_eq(proven(PROVE_REFERENCE), PROVE_OK);
    office_change_copy("good-measure", "reference.c", "drift[i] = sum / (i + 1);", "drift[i] = i;");
    ck_assert_int_eq(proven(PROVE_POWER), PROVE_FAILED);
    ck_assert_int_eq(proven(PROVE_SENSITIVITY), PROVE_FAILED);
}
END_TEST

START_TEST(proofs_feed_the_measures_anything) {
    office_change_copy("good-measure", "reference.c", "(void)x, (void)y;",
                       "(void)x, (void)y;\n    if (slope != slope) __builtin_trap();");
    ck_assert_int_eq(proven(PROVE_REFERENCE), PROVE_FAILED);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("measure");
    TCase *tests = tcase_create("measure");
    SRunner *runner = srunner_create(suite);

    tcase_add_unchecked_fixture(tests, office_open_cache, office_close_cache);
    tcase_add_checked_fixture(tests, open_measure, office_close);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, any_right_cut_passes);
    tcase_add_test(tests, each_measure_rejects);
    tcase_add_test(tests, what_is_no_number_is_not_measured);
    tcase_add_test(tests, the_same_inputs_give_the_same_bits);
    tcase_add_loop_test(tests, a_bad_measure_is_the_challenges_fault, 0, sizeof changes / sizeof *changes);
    tcase_add_test(tests, a_measure_must_survive);
    tcase_add_test(tests, proofs_ask_the_measures);
    tcase_add_test(tests, proofs_feed_the_measures_anything);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
