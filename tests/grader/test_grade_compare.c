/* SPDX-License-Identifier: MIT */
/* From the bytes of a slot to a verdict: what was not written is found even where it could pass for the answer. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "grader/grading.h"

enum { COUNT = 5 };
static const uint64_t key = 42;

/* One float output `o` of five elements, of which the third is NaN in truth. */
struct slot {
    struct trial trial;
    struct layout layout;
    struct expectation answer;
    double truth[COUNT], gauge[COUNT];
    float got[COUNT], poison[COUNT];
    struct pattern pattern;
};

static void slot_init(struct slot *slot) {
    static const int64_t shape[] = {COUNT};
    *slot = (struct slot){.truth = {1, 2, NAN, 4, 5}, .gauge = {1, 2, 1, 4, 5}};
    slot->trial.tensor_count = slot->layout.place_count = slot->answer.count = 1;
    slot->trial.tensor[0] =
        (struct tensor){.name = "o", .role = SPEC_OUTPUT, .type = DTYPE_F32, .rank = 1, .shape = shape, .count = COUNT};
    slot->layout.place[0] =
        (struct place){.pointer = true, .writable = true, .type = DTYPE_F32, .count = COUNT, .bytes = sizeof slot->got};
    slot->answer.output[0] = (struct expected_output){.value = slot->truth,
                                                      .gauge = slot->gauge,
                                                      .rule = {.rule = SPEC_RULE_GAUGE, .reduction = 1},
                                                      .bound = {.ratio = 16, .rms = 4, .valid = true}};
    for (int i = 0; i < COUNT; i++)
        slot->got[i] = (float)slot->truth[i];
    layout_poison(&slot->layout.place[0], key, 0, slot->poison);
}

static enum verdict judge(struct slot *slot) {
    void *got[] = {slot->got};
    struct grade_output output[SPEC_ARGUMENTS_MAX] = {0};
    struct grading_view view = {.trial = &slot->trial,
                                .layout = &slot->layout,
                                .answer = &slot->answer,
                                .poison_key = key,
                                .got = got,
                                .pattern = &slot->pattern};
    size_t failing = 0;
    double used = 0;
    enum verdict verdict = grading_compare(&view, output, &failing, &used, NULL);
    ck_assert_int_eq(output[0].result.verdict, verdict);
    return verdict;
}

START_TEST(right_answers_pass) {
    struct slot slot;
    slot_init(&slot);
    ck_assert_int_eq(judge(&slot), VERDICT_PASSED);
    ck_assert_str_eq(slot.pattern.sentence, "");
}
END_TEST

START_TEST(poison_is_no_answer) {
    for (size_t i = 0; i < COUNT; i++) {
        struct slot slot;
        slot_init(&slot);
        memcpy(&slot.got[i], &slot.poison[i], sizeof(float));
        ck_assert_int_eq(judge(&slot), VERDICT_UNWRITTEN_OUTPUT);
        ck_assert_str_ne(slot.pattern.sentence, "");
    }
}
END_TEST

START_TEST(other_verdicts_stay) {
    struct slot slot;
    slot_init(&slot);
    slot.got[2] = 3;
    ck_assert_int_eq(judge(&slot), VERDICT_WRONG_ANSWER);
    slot_init(&slot);
    slot.got[4] = -NAN;
    ck_assert_int_eq(judge(&slot), VERDICT_NOT_FINITE);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("grade_compare");
    TCase *tests = tcase_create("grade_compare");
    tcase_add_test(tests, right_answers_pass);
    tcase_add_test(tests, poison_is_no_answer);
    tcase_add_test(tests, other_verdicts_stay);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
