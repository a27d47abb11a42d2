/* SPDX-License-Identifier: MIT */
/* The line `// fails:`: where it may stand, what is read from it, and what is found when a grading differs from it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grader/prove/proof.h"
#include "grader/scratch.h"

static struct spec spec = {.gate_count = 3, .gate = {{.name = "loss"}, {.name = "steps"}, {.name = "rates"}}};
enum { LOSS = 1, STEPS = 2, RATES = 4 };

static char path[64];

static void make_path(void) {
    snprintf(path, sizeof path, "/tmp/test-gates-XXXXXX");
    const int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
}

static void remove_path(void) {
    unlink(path);
}

static void put(const char *text) {
    struct error err = {0};
    ck_assert_msg(scratch_write(path, text, strlen(text), &err) == 0, "%s", err.text);
}

static void release(struct prove_step *step) {
    for (size_t i = 0; i < step->finding_count; i++) {
        free(step->finding[i].place);
        free(step->finding[i].what);
        free(step->finding[i].remedy);
    }
    free(step->finding);
    *step = (struct prove_step){0};
}

static const struct reading {
    const char *text;
    bool accepted;
    unsigned gates;   /* 0: no promise to be held to */
    const char *what; /* of the finding; NULL: nothing is wrong with it */
} readings[] = {
    {"// expect: wrong_answer\n// harness: x\n// fails: steps loss\nint f;\n", false, LOSS | STEPS, NULL},
    {"// harness: x\r\n// fails: rates\r\n", false, RATES, NULL},
    {"// fails: loss\n// Why.\n// fails: loss\trates \n", false, LOSS | RATES, NULL},
    {"// expect: wrong_answer\n\n// fails: steps\n", false, 0, NULL},
    {"// expect: wrong_answer\nint f; // fails: steps\n", false, 0, NULL},
    {"// it fails: steps\n", false, 0, NULL},
    {"", false, 0, NULL},
    {"// fails: steps Loss stepped\n", false, 0, "it promises to fail Loss, which is no gate of the pack"},
    {"// fails:\n", false, 0, "its line `// fails:` names no gate"},
    {"// fails: steps\n", true, 0, "it is to be accepted and promises to fail gates"},
    {"// fails:\n", true, 0, "it is to be accepted and promises to fail gates"},
};

START_TEST(test_reading) {
    const struct reading *reading = &readings[_i];
    struct prove_solution row = {.expected = reading->accepted ? VERDICT_PASSED : VERDICT_COUNT, .failed_gates = LOSS};
    struct prove_step step = {0};

    put(reading->text);
    proof_gates_read(&spec, path, &row);
    ck_assert_uint_eq(row.promised_gates, reading->gates);
    ck_assert_int_eq(row.promises_gates, reading->gates != 0);
    ck_assert_uint_eq(row.failed_gates, LOSS);
    proof_gates_look(&spec, &step, "solutions/a.c", path, reading->accepted);
    ck_assert_uint_eq(step.finding_count, reading->what != NULL);
    if (reading->what != NULL) {
        ck_assert_str_eq(step.finding[0].what, reading->what);
        ck_assert_str_eq(step.finding[0].place, "solutions/a.c");
        ck_assert_int_eq(step.finding[0].state, PROVE_FAILED);
    }
    release(&step);
}
END_TEST

START_TEST(test_no_gates) {
    const struct spec bare = {.gate_count = 0};
    struct prove_solution row = {.expected = VERDICT_CRASHED};
    struct prove_step step = {0};

    put("// fails: steps\n");
    proof_gates_read(&bare, path, &row);
    ck_assert(!row.promises_gates);
    proof_gates_look(&bare, &step, "starter.c", path, false);
    ck_assert_uint_eq(step.finding_count, 1);
    ck_assert_str_eq(step.finding[0].what, "it promises to fail gates, and the pack has none");
    release(&step);
}
END_TEST

static const struct judging {
    bool promises;
    unsigned promised, failed;
    const char *what, *remedy; /* NULL: kept */
} judgings[] = {
    {true, STEPS, STEPS, NULL, NULL},
    {false, 0, STEPS, NULL, NULL},
    {true, STEPS | RATES, STEPS, "it promises to fail steps rates and fails steps",
     "add cases to rates in which this mistake shows, or make the line `// fails: steps`"},
    {true, STEPS, LOSS | STEPS, "it promises to fail steps and fails loss steps",
     "choose cases for loss that do not mind this mistake, or make the line `// fails: loss steps`"},
    {true, STEPS, 0, "it promises to fail steps and fails none",
     "add cases to steps in which this mistake shows, or leave the line `// fails:` out"},
};

START_TEST(test_judging) {
    const struct judging *judging = &judgings[_i];
    const struct prove_solution row = {.got = VERDICT_WRONG_ANSWER,
                                       .expected = VERDICT_WRONG_ANSWER,
                                       .promises_gates = judging->promises,
                                       .promised_gates = judging->promised,
                                       .failed_gates = judging->failed};
    struct prove_step step = {0};

    proof_gates_judge(&spec, &step, "solutions/a.c", &row);
    ck_assert_int_eq(prove_solution_kept(&row), judging->what == NULL);
    ck_assert_uint_eq(step.finding_count, judging->what != NULL);
    if (judging->what != NULL) {
        ck_assert_str_eq(step.finding[0].what, judging->what);
        ck_assert_str_eq(step.finding[0].remedy, judging->remedy);
    }
    release(&step);
}
END_TEST

/* A file that could not be graded failed nothing. */
START_TEST(test_not_graded) {
    const struct prove_solution row = {.got = VERDICT_COUNT, .promises_gates = true, .promised_gates = STEPS};
    struct prove_step step = {0};

    proof_gates_judge(&spec, &step, "solutions/a.c", &row);
    ck_assert_uint_eq(step.finding_count, 0);
}
END_TEST

START_TEST(test_failed) {
    const struct grade grade = {
        .gate_count = 3, .gate = {{.cases = 2, .passed = 2}, {.cases = 3, .passed = 2}, {.cases = 1, .passed = 0}}};

    ck_assert_uint_eq(proof_gates_failed(&grade), STEPS | RATES);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("gates");
    TCase *tcase = tcase_create("fails");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, make_path, remove_path);
    tcase_add_loop_test(tcase, test_reading, 0, (int)(sizeof readings / sizeof *readings));
    tcase_add_loop_test(tcase, test_judging, 0, (int)(sizeof judgings / sizeof *judgings));
    tcase_add_test(tcase, test_no_gates);
    tcase_add_test(tcase, test_not_graded);
    tcase_add_test(tcase, test_failed);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
