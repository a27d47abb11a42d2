/* SPDX-License-Identifier: MIT */
/* What a fault address is called in the sentence for the candidate. */
#include <check.h>
#include <string.h>

#include "grader/run.h"
#include "tests/grader/layout_sample.h"

static struct sample sample;
static struct layout layout;
static char text[200];

static void start(void) {
    sample_open(&sample);
    layout_make(&layout, &sample.trial, 1, LAYOUT_RIGHT, 0);
}

static void stop(void) {
    sample_close(&sample);
}

static bool explain(size_t place, int64_t bytes) {
    const struct place *p = &layout.place[place];

    text[0] = '\0';
    return run_explain_address(&layout, &sample.trial, (uint64_t)((int64_t)p->offset + bytes), p->writable, text,
                               sizeof text);
}

static void must_say(const char *words) {
    ck_assert_msg(strstr(text, words) != NULL, "'%s' is not in '%s'", words, text);
}

START_TEST(past_the_end_names_array_and_index) {
    ck_assert(explain(SAMPLE_OUTPUT, 4 * SAMPLE_N));
    must_say("y[37]");
    must_say("37 elements");
    must_say("float");
    ck_assert(explain(SAMPLE_OUTPUT, 4 * (SAMPLE_N + 100)));
    must_say("y[137]");
    ck_assert(explain(SAMPLE_INPUT, 4 * SAMPLE_N));
    must_say("x[37]");
    ck_assert(explain(SAMPLE_LABELS, 4 * 5));
    must_say("labels[5]");
    must_say("int32_t");
    ck_assert(explain(SAMPLE_DEEP, 8 * 9));
    must_say("deep[9]");
    must_say("double");
}
END_TEST

START_TEST(before_the_start_counts_backwards) {
    layout_make(&layout, &sample.trial, 1, LAYOUT_LEFT, 0);
    ck_assert(explain(SAMPLE_OUTPUT, -4));
    must_say("y");
    must_say("before");
    ck_assert(explain(SAMPLE_INPUT, -40));
    must_say("x");
    must_say("before");
}
END_TEST

START_TEST(writing_an_input_is_told_as_such) {
    ck_assert(explain(SAMPLE_INPUT, 4 * 3));
    must_say("x[3]");
    must_say("read-only");
}
END_TEST

/* Two arguments lie near: the nearer one is meant. */
START_TEST(the_nearer_argument_is_named) {
    const size_t page = memory_page();
    const struct place *x = &layout.place[SAMPLE_INPUT], *none = &layout.place[SAMPLE_EMPTY];

    ck_assert_uint_lt(x->end, none->begin);
    ck_assert(explain(SAMPLE_INPUT, (int64_t)(4 * SAMPLE_N + page / 4)));
    must_say("x[");
}
END_TEST

START_TEST(an_empty_argument_has_no_element) {
    ck_assert(explain(SAMPLE_EMPTY, 0));
    must_say("none[0]");
    must_say("0 elements");
}
END_TEST

START_TEST(inputs_and_outputs_are_two_memories) {
    const struct place *y = &layout.place[SAMPLE_OUTPUT];

    ck_assert(run_explain_address(&layout, &sample.trial, y->offset + y->bytes, false, text, sizeof text));
    ck_assert_ptr_null(strstr(text, "y["));
}
END_TEST

START_TEST(far_away_is_nothing) {
    ck_assert(!explain(SAMPLE_OUTPUT, (int64_t)1 << 30));
    ck_assert(!run_explain_address(&layout, &sample.trial, UINT64_MAX / 4, true, text, sizeof text));
}
END_TEST

/* A GO of many calls: the index is that of the call whose slot is touched, not one counted from the first slot. */
START_TEST(slots_count_for_themselves) {
    layout_make(&layout, &sample.trial, 5, LAYOUT_LEFT, 0);
    const struct place *y = &layout.place[SAMPLE_OUTPUT];

    ck_assert(explain(SAMPLE_OUTPUT, (int64_t)(4 * y->stride + 4 * (SAMPLE_N + 2))));
    must_say("y[39]");
    ck_assert(explain(SAMPLE_INPUT, (int64_t)layout.place[SAMPLE_INPUT].stride * 2 + 8));
    must_say("x[2]");
}
END_TEST

START_TEST(a_gauge_has_a_name) {
    layout_make(&layout, &sample.trial, 1, LAYOUT_RIGHT, LAYOUT_WIDE | LAYOUT_GAUGES);
    ck_assert(explain(SAMPLE_ARGUMENTS + 1, 8 * SAMPLE_N));
    must_say("gauge");
}
END_TEST

START_TEST(a_small_buffer_is_respected) {
    char small[8];

    memset(small, 'z', sizeof small);
    const struct place *y = &layout.place[SAMPLE_OUTPUT];
    ck_assert(run_explain_address(&layout, &sample.trial, y->end, true, small, 4));
    ck_assert_int_eq(small[3], '\0');
    ck_assert_int_eq(small[4], 'z');
}
END_TEST

int main(void) {
    Suite *suite = suite_create("run_explain");
    TCase *tests = tcase_create("run_explain");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, past_the_end_names_array_and_index);
    tcase_add_test(tests, before_the_start_counts_backwards);
    tcase_add_test(tests, writing_an_input_is_told_as_such);
    tcase_add_test(tests, the_nearer_argument_is_named);
    tcase_add_test(tests, an_empty_argument_has_no_element);
    tcase_add_test(tests, inputs_and_outputs_are_two_memories);
    tcase_add_test(tests, far_away_is_nothing);
    tcase_add_test(tests, slots_count_for_themselves);
    tcase_add_test(tests, a_gauge_has_a_name);
    tcase_add_test(tests, a_small_buffer_is_respected);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
