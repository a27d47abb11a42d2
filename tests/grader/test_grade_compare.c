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
    struct spec_case c;
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
    slot->trial.c = &slot->c;
    slot->trial.tensor_count = slot->layout.place_count = slot->answer.count = 1;
    slot->trial.tensor[0] = (struct tensor){.name = "o",
                                            .role = SPEC_OUTPUT,
                                            .type = DTYPE_F32,
                                            .rank = 1,
                                            .shape = shape,
                                            .count = COUNT,
                                            .bytes = sizeof slot->got};
    slot->layout.place[0] =
        (struct place){.pointer = true, .writable = true, .type = DTYPE_F32, .count = COUNT, .bytes = sizeof slot->got};
    slot->answer.output[0] = (struct expected_output){.rank = 1,
                                                      .shape = {COUNT},
                                                      .count = COUNT,
                                                      .value = slot->truth,
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

/* Two stages of three and of five elements, side by side. Each has poison of its own; behind the shorter one there is
 * 0, which was never written and is right. */
struct pair {
    struct spec_case c, stage[2];
    struct spec_entry entry;
    struct trial trial;
    struct expectation answer;
    double truth[2 * COUNT], gauge[2 * COUNT];
    float got[2 * COUNT], poison[2 * COUNT];
};

static void pair_init(struct pair *pair) {
    static const double truth[2 * COUNT] = {1, 2, 3, 0, 0, 6, 7, NAN, 9, 10};
    *pair = (struct pair){.c = {.stage_count = 2}, .entry = {.argument_count = 1}};
    pair->entry.argument[0] =
        (struct spec_argument){.role = SPEC_OUTPUT, .type = DTYPE_F32, .rank = 1, .carry = SPEC_ARGUMENTS_MAX};
    pair->c.shape[0][0] = pair->stage[1].shape[0][0] = COUNT;
    pair->stage[0].shape[0][0] = 3;
    pair->c.stage = pair->stage;
    pair->trial = (struct trial){.c = &pair->c, .entry = &pair->entry, .tensor_count = 1};
    pair->trial.tensor[0] = (struct tensor){
        .name = "o", .role = SPEC_OUTPUT, .type = DTYPE_F32, .rank = 1, .count = COUNT, .bytes = COUNT * sizeof(float)};
    pair->answer.count = 1;
    pair->answer.output[0] = (struct expected_output){.rank = 2,
                                                      .shape = {2, COUNT},
                                                      .count = 2 * COUNT,
                                                      .value = pair->truth,
                                                      .gauge = pair->gauge,
                                                      .rule = {.rule = SPEC_RULE_GAUGE, .reduction = 1},
                                                      .bound = {.ratio = 16, .rms = 4, .valid = true}};
    for (uint64_t k = 0; k < 2; k++) {
        const int64_t count = k == 0 ? 3 : COUNT;
        const struct place place = {.type = DTYPE_F32, .count = count, .bytes = (size_t)count * sizeof(float)};
        layout_poison(&place, key + k, 0, pair->poison + k * COUNT);
    }
    for (size_t i = 0; i < 2 * COUNT; i++) {
        pair->truth[i] = truth[i];
        pair->gauge[i] = isnan(truth[i]) ? 1 : truth[i];
        pair->got[i] = (float)truth[i];
    }
}

static enum verdict judge_pair(struct pair *pair, struct grade_output *output) {
    void *got[] = {pair->got};
    const struct grading_view view = {
        .trial = &pair->trial, .answer = &pair->answer, .poison_key = key, .got = got, .pattern = NULL};
    size_t failing = 0;
    double used = 0;
    return grading_compare(&view, output, &failing, &used, NULL);
}

START_TEST(each_stage_has_its_own_poison) {
    for (size_t i = 0; i < 2 * COUNT; i++) {
        struct grade_output output[SPEC_ARGUMENTS_MAX] = {0};
        struct pair pair;
        pair_init(&pair);
        ck_assert_int_eq(judge_pair(&pair, output), VERDICT_PASSED);
        ck_assert_uint_eq(output[0].rank, 2);
        if (i == 3 || i == 4)
            continue;
        memcpy(&pair.got[i], &pair.poison[i], sizeof(float));
        ck_assert_int_eq(judge_pair(&pair, output), VERDICT_UNWRITTEN_OUTPUT);
        ck_assert_int_eq(output[0].result.error.unwritten, 1);
        ck_assert_int_eq(output[0].result.first.index[0], i < COUNT ? 0 : 1);
        ck_assert_int_eq(output[0].result.first.index[1], (int64_t)i % COUNT);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("grade_compare");
    TCase *tests = tcase_create("grade_compare");
    tcase_add_test(tests, right_answers_pass);
    tcase_add_test(tests, poison_is_no_answer);
    tcase_add_test(tests, other_verdicts_stay);
    tcase_add_test(tests, each_stage_has_its_own_poison);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
