/* SPDX-License-Identifier: MIT */
/* A case becomes tensors: sizes, which of them have memory, and that contents depend on seed, case, call and place. */
#include <check.h>
#include <stdint.h>
#include <string.h>

#include "grader/trial.h"

enum { SIZE, SCALAR, INPUT, OPTIONAL, INOUT, OUTPUT, ARGUMENTS };

static char case_name[] = "odd_tail";
static char argument_name[ARGUMENTS][8] = {"n", "scale", "x", "index", "state", "y"};

/* int f(int32_t n, float scale, const float *x, const int32_t *index, double *state, float *y) */
static void make_spec(struct spec *spec, struct spec_case *c) {
    static const struct spec_argument argument[ARGUMENTS] = {
        [SIZE] = {.type = DTYPE_I32, .role = SPEC_SIZE},
        [SCALAR] = {.type = DTYPE_F32, .role = SPEC_SCALAR},
        [INPUT] = {.type = DTYPE_F32, .role = SPEC_INPUT, .rank = 2},
        [OPTIONAL] = {.type = DTYPE_I32, .role = SPEC_INPUT, .rank = 1, .nullable = true},
        [INOUT] = {.type = DTYPE_F64, .role = SPEC_INOUT, .rank = 1},
        [OUTPUT] = {.type = DTYPE_F32, .role = SPEC_OUTPUT, .rank = 2},
    };

    memset(spec, 0, sizeof *spec);
    memset(c, 0, sizeof *c);
    spec->entry_count = 1;
    spec->entry[0].argument_count = ARGUMENTS;
    memcpy(spec->entry[0].argument, argument, sizeof argument);
    for (size_t a = 0; a < ARGUMENTS; a++)
        spec->entry[0].argument[a].name = argument_name[a];
    c->name = case_name;
    memcpy(c->shape[INPUT], (int64_t[]){5, 7}, 2 * sizeof(int64_t));
    c->shape[OPTIONAL][0] = 5;
    c->shape[INOUT][0] = 7;
    memcpy(c->shape[OUTPUT], (int64_t[]){5, 7}, 2 * sizeof(int64_t));
    c->fill[INPUT] = (struct fill){.kind = FILL_NORMAL, .parameter = {0, 1}};
    c->fill[OPTIONAL] = (struct fill){.kind = FILL_INTEGERS, .parameter = {0, 6}};
    c->fill[INOUT] = (struct fill){.kind = FILL_NORMAL, .parameter = {0, 1}};
}

static void start(struct trial *trial, const struct spec *spec, const struct spec_case *c) {
    struct error err = {0};

    ck_assert_int_eq(trial_init(trial, spec, c, &err), 0);
}

START_TEST(tensors_follow_the_case) {
    static struct spec spec;
    static struct spec_case c;
    struct trial trial;

    make_spec(&spec, &c);
    start(&trial, &spec, &c);
    ck_assert_uint_eq(trial.tensor_count, ARGUMENTS);
    ck_assert_ptr_eq(trial.entry, &spec.entry[0]);
    ck_assert_ptr_null(trial.tensor[SIZE].data);
    ck_assert_uint_eq(trial.tensor[SCALAR].bytes, 0);
    ck_assert_str_eq(trial.tensor[INPUT].name, "x");
    ck_assert_int_eq(trial.tensor[INPUT].count, 35);
    ck_assert_uint_eq(trial.tensor[INPUT].bytes, 140);
    ck_assert_uint_eq(trial.tensor[INPUT].rank, 2);
    ck_assert_int_eq(trial.tensor[INPUT].shape[1], 7);
    ck_assert_uint_eq(trial.tensor[INOUT].bytes, 56);
    ck_assert_uint_eq(trial.tensor[OUTPUT].bytes, 140);
    ck_assert_ptr_null(trial.tensor[OUTPUT].data);
    ck_assert_uint_eq((uintptr_t)trial.tensor[INPUT].data % 64, 0);
    ck_assert_uint_eq((uintptr_t)trial.tensor[OPTIONAL].data % 64, 0);
    ck_assert_uint_eq((uintptr_t)trial.tensor[INOUT].data % 64, 0);
    ck_assert((char *)trial.tensor[OPTIONAL].data >= (char *)trial.tensor[INPUT].data + 140);
    trial_release(&trial);
    ck_assert_ptr_null(trial.storage);
    trial_release(&trial);
}
END_TEST

START_TEST(null_and_empty_tensors_have_no_data) {
    static struct spec spec;
    static struct spec_case c;
    struct trial trial;

    make_spec(&spec, &c);
    c.null[OPTIONAL] = true;
    c.shape[INPUT][0] = 0;
    start(&trial, &spec, &c);
    ck_assert(trial.tensor[OPTIONAL].null);
    ck_assert_int_eq(trial.tensor[OPTIONAL].count, 0);
    ck_assert_ptr_null(trial.tensor[OPTIONAL].data);
    ck_assert(!trial.tensor[INPUT].null);
    ck_assert_int_eq(trial.tensor[INPUT].count, 0);
    ck_assert_ptr_null(trial.tensor[INPUT].data);
    trial_fill(&trial, 1, 0);
    trial_release(&trial);

    c.shape[INOUT][0] = 0;
    start(&trial, &spec, &c);
    ck_assert_ptr_null(trial.storage);
    trial_fill(&trial, 1, 0);
    trial_release(&trial);
}
END_TEST

static bool same_contents(const struct trial *a, const struct trial *b, size_t argument) {
    return memcmp(a->tensor[argument].data, b->tensor[argument].data, a->tensor[argument].bytes) == 0;
}

START_TEST(contents_depend_on_their_address) {
    static struct spec spec;
    static struct spec_case c;
    static char other_name[] = "other";
    struct trial a, b;

    make_spec(&spec, &c);
    start(&a, &spec, &c);
    start(&b, &spec, &c);
    trial_fill(&a, 42, 7);
    ck_assert_uint_eq(a.seed, 42);
    ck_assert_uint_eq(a.call, 7);
    trial_fill(&b, 42, 7);
    ck_assert(same_contents(&a, &b, INPUT) && same_contents(&a, &b, OPTIONAL) && same_contents(&a, &b, INOUT));
    trial_fill(&b, 42, 8);
    ck_assert(!same_contents(&a, &b, INPUT) && !same_contents(&a, &b, INOUT));
    trial_fill(&b, 43, 7);
    ck_assert(!same_contents(&a, &b, INPUT));
    trial_release(&b);
    c.name = other_name;
    start(&b, &spec, &c);
    trial_fill(&b, 42, 7);
    ck_assert(!same_contents(&a, &b, INPUT));
    trial_release(&a);
    trial_release(&b);
}
END_TEST

START_TEST(tensors_do_not_share_a_stream) {
    static struct spec spec;
    static struct spec_case c;
    struct trial trial;
    const float *x;
    const double *state;

    make_spec(&spec, &c);
    start(&trial, &spec, &c);
    trial_fill(&trial, 1, 1);
    x = trial.tensor[INPUT].data;
    state = trial.tensor[INOUT].data;
    for (int i = 0; i < 7; i++)
        ck_assert(x[i] != (float)state[i]);
    trial_release(&trial);
}
END_TEST

START_TEST(too_much_memory_is_our_error) {
    static struct spec spec;
    static struct spec_case c;
    struct trial trial;
    struct error err = {.owner = ERROR_USER};

    make_spec(&spec, &c);
    c.shape[INPUT][0] = INT64_C(1) << 50;
    ck_assert_int_eq(trial_init(&trial, &spec, &c, &err), -1);
    ck_assert_int_eq((int)err.owner, ERROR_HARNESS);
    ck_assert_ptr_nonnull(strstr(err.text, "odd_tail"));
    ck_assert_ptr_null(trial.storage);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("trial");
    TCase *tests = tcase_create("trial");
    SRunner *runner;
    int failed;

    tcase_add_test(tests, tensors_follow_the_case);
    tcase_add_test(tests, null_and_empty_tensors_have_no_data);
    tcase_add_test(tests, contents_depend_on_their_address);
    tcase_add_test(tests, tensors_do_not_share_a_stream);
    tcase_add_test(tests, too_much_memory_is_our_error);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
