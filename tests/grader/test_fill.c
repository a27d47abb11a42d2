/* SPDX-License-Identifier: MIT */
/* The rules that hold for every fill (names, types, empty shapes, the same bytes for the same stream), and overlays. */
#include <check.h>
#include <math.h>
#include <sodium.h>
#include <string.h>

#include "tests/grader/fill_sample.h"

START_TEST(names) {
    const struct fill_description *description = fill_describe((enum fill_kind)_i);

    ck_assert_int_eq((int)fill_from_name(description->name), _i);
    for (size_t i = 0; i < FILL_PARAMETERS; i++)
        ck_assert_int_eq(description->parameter[i] != NULL, i < description->parameter_count);
    ck_assert_int_eq((int)fill_from_name("gaussian"), FILL_COUNT);
}
END_TEST

/* Every kind in every type fills every element, and only from the stream. */
START_TEST(same_stream_same_bytes) {
    static const int64_t shape[3] = {3, 7, 211};
    static unsigned char a[8 * 3 * 7 * 211 + 1], b[sizeof a], c[sizeof a];
    const struct fill fill = fill_of((enum fill_kind)_i);
    const struct random_stream one = stream_of(1), two = stream_of(2);
    const bool random = fill_describe(fill.kind)->parameter_count > 1 || fill.kind == FILL_ONE_HOT ||
                        fill.kind == FILL_PERMUTATION || fill.kind == FILL_DENORMAL;

    for (int type = 0; type < DTYPE_COUNT; type++) {
        const size_t bytes = 3 * 7 * 211 * dtype_info((enum dtype)type)->bytes;

        memset(a, 0x5a, sizeof a);
        memset(b, 0xa5, sizeof b);
        fill_make(&fill, (enum dtype)type, shape, 3, &one, a);
        fill_make(&fill, (enum dtype)type, shape, 3, &one, b);
        fill_make(&fill, (enum dtype)type, shape, 3, &two, c);
        ck_assert_int_eq(memcmp(a, b, bytes), 0);
        ck_assert_uint_eq(a[bytes], 0x5a);
        if (type == DTYPE_F32 && random && fill.kind != FILL_ASCENDING && fill.kind != FILL_ROW_ASCENDING)
            ck_assert_int_ne(memcmp(a, c, bytes), 0);
    }
}
END_TEST

/* A digest of each kind's bytes: a change here would change the inputs of every recorded result. */
START_TEST(bytes_are_frozen) {
    static const char *const expected[FILL_COUNT] = {
        [FILL_ZERO] = "d1220276cca4f07c9703dc2cef05393b",
        [FILL_CONSTANT] = "d1220276cca4f07c9703dc2cef05393b",
        [FILL_NORMAL] = "a383dc22a1734d213aba3642b2850746",
        [FILL_UNIFORM] = "d6180920f9a53d4c1225dd7932561e20",
        [FILL_LOG_UNIFORM] = "a1f5b83de09c1b51d938e477346e5551",
        [FILL_ROW_SCALED] = "53dfa1db222e41ea3ede35c628c09579",
        [FILL_CONSTANT_ROWS] = "82f62c4caa6d390c2b0b3f1a6e73086a",
        [FILL_NEAR_CONSTANT] = "b3bd96149b6bfa51adacbb1372c984be",
        [FILL_OUTLIER] = "f45ea5edd6f799490160268d1c796cc4",
        [FILL_ASCENDING] = "0aa1c9d3ee5207acf26d0a9c506856cd",
        [FILL_ROW_ASCENDING] = "77eaec31cb6c0159d93b184c7150487e",
        [FILL_TIES] = "9bb7fc0e0e861fc5eff70f7d941152ea",
        [FILL_ONE_HOT] = "f5a75abff21bd8d36e32f8ffa977ae3c",
        [FILL_PERMUTATION] = "9c32b28bc561953fafb4747c47850a6f",
        [FILL_INTEGERS] = "1b752499498c411f163a3a1daebc5cfb",
        [FILL_DENORMAL] = "c76c28494f87588e146e650ed74e8c0e",
        [FILL_SPECIAL] = "dcad82e47e123b027804dab81db2b6f1",
        [FILL_LIST] = "40345c338fd46cafd94c047f16d34a6a",
    };
    static const int64_t shape[2] = {ROWS, COLUMNS};
    struct fill fill = fill_of((enum fill_kind)_i);
    const struct random_stream stream = stream_of(9);
    unsigned char digest[16];
    char hex[2 * sizeof digest + 1];

    fill.list_count = 2;
    fill.list[1] = -3;
    fill_make(&fill, DTYPE_F32, shape, 2, &stream, value);
    ck_assert_int_eq(crypto_generichash(digest, sizeof digest, (unsigned char *)value, COUNT * sizeof *value, NULL, 0),
                     0);
    ck_assert_str_eq(sodium_bin2hex(hex, sizeof hex, digest, sizeof digest), expected[_i]);
}
END_TEST

START_TEST(empty_shapes_are_left_alone) {
    static const int64_t shape[3][3] = {{0, 4, 4}, {4, 0, 4}, {4, 4, 0}};
    struct fill fill = fill_of((enum fill_kind)_i);
    const struct random_stream stream = stream_of(1);

    fill.overlay_count = 2;
    fill.overlay[0] = (struct fill_overlay){.kind = FILL_PAD, .from = 0, .value = 1};
    fill.overlay[1] = (struct fill_overlay){.kind = FILL_TAIL, .from = 0, .value = 1};
    for (size_t i = 0; i < 3; i++)
        fill_make(&fill, DTYPE_F32, shape[i], 3, &stream, NULL);
}
END_TEST

START_TEST(a_scalar_tensor_is_one_element) {
    const struct fill fill = {.kind = FILL_CONSTANT, .parameter = {3}};
    const struct random_stream stream = stream_of(1);
    float got[2] = {-1, -1};

    fill_make(&fill, DTYPE_F32, NULL, 0, &stream, got);
    ck_assert(got[0] == 3.0f && got[1] == -1.0f);
}
END_TEST

/* A long tensor is made in stretches; its start must not depend on its length. */
START_TEST(length_does_not_change_the_start) {
    static const int64_t shape[2] = {5, 1000};
    static float longer[5000];
    const struct fill fill = {.kind = FILL_NORMAL, .parameter = {1, 2}};
    const struct random_stream stream = stream_of(1);

    make(&fill);
    fill_make(&fill, DTYPE_F32, shape, 2, &stream, longer);
    ck_assert_int_eq(memcmp(longer, value, COUNT * sizeof *value), 0);
}
END_TEST

START_TEST(overlay_every) {
    struct fill fill = {.kind = FILL_CONSTANT, .parameter = {1}, .overlay_count = 2};

    fill.overlay[0] = (struct fill_overlay){.kind = FILL_EVERY, .stride = 3, .offset = 1, .value = -100};
    fill.overlay[1] = (struct fill_overlay){.kind = FILL_EVERY, .stride = 6, .offset = 4, .value = INFINITY};
    make(&fill);
    for (int i = 0; i < COUNT; i++)
        ck_assert(value[i] == (i % 6 == 4 ? INFINITY : i % 3 == 1 ? -100.0f : 1.0f));
}
END_TEST

START_TEST(overlay_pad) {
    struct fill fill = {.kind = FILL_CONSTANT, .parameter = {1}, .overlay_count = 1};

    fill.overlay[0] = (struct fill_overlay){.kind = FILL_PAD, .from = 100, .value = NAN};
    make(&fill);
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(isnan(value[i]) != 0, i % COLUMNS >= 100);
    fill.overlay[0].from = COLUMNS;
    make(&fill);
    ck_assert(value[COLUMNS - 1] == 1);
}
END_TEST

START_TEST(overlay_tail_counts_over_the_second_to_last_dimension) {
    static const int64_t shape[3] = {2, 5, 3};
    struct fill fill = {.kind = FILL_CONSTANT, .parameter = {1}, .overlay_count = 1};
    const struct random_stream stream = stream_of(1);
    float got[30];

    fill.overlay[0] = (struct fill_overlay){.kind = FILL_TAIL, .from = 4, .value = 9};
    fill_make(&fill, DTYPE_F32, shape, 3, &stream, got);
    for (int i = 0; i < 30; i++)
        ck_assert(got[i] == (i / 3 % 5 >= 4 ? 9.0f : 1.0f));
    fill.overlay[0].from = 5;
    fill_make(&fill, DTYPE_F32, shape, 3, &stream, got);
    ck_assert(got[29] == 1);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("fill");
    TCase *tests = tcase_create("fill");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tests, names, 0, FILL_COUNT);
    tcase_add_loop_test(tests, same_stream_same_bytes, 0, FILL_DATASET);
    tcase_add_loop_test(tests, bytes_are_frozen, 0, FILL_DATASET);
    tcase_add_loop_test(tests, empty_shapes_are_left_alone, 0, FILL_DATASET);
    tcase_add_test(tests, a_scalar_tensor_is_one_element);
    tcase_add_test(tests, length_does_not_change_the_start);
    tcase_add_test(tests, overlay_every);
    tcase_add_test(tests, overlay_pad);
    tcase_add_test(tests, overlay_tail_counts_over_the_second_to_last_dimension);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
