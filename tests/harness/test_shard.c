/* SPDX-License-Identifier: MIT */
/* Parts of a run: every task is in exactly one, and nothing that is no part is taken for one. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "harness/batch/plan.h"

enum { TASKS = 97, SHARDS = 20 };

static struct error error;

static void name_of(size_t i, char text[40]) {
    snprintf(text, 40, "person-%zu/challenge-%zu", i * 7919 % TASKS, i % 5);
}

START_TEST(every_task_is_in_one_shard) {
    for (unsigned count = 1; count <= SHARDS; count++) {
        size_t most = 0, least = TASKS;
        unsigned in[TASKS] = {0};
        for (unsigned index = 1; index <= count; index++) {
            const struct shard shard = {index, count, _i != 0};
            size_t own = 0;
            for (size_t i = 0; i < TASKS; i++) {
                char task[40];
                name_of(i, task);
                const bool has = shard_has(&shard, i, task);
                in[i] += has;
                own += has;
            }
            most = own > most ? own : most;
            least = own < least ? own : least;
        }
        for (size_t i = 0; i < TASKS; i++)
            ck_assert_msg(in[i] == 1, "task %zu is in %u of %u shards", i, in[i], count);
        if (_i == 0)
            ck_assert_uint_le(most - least, 1);
    }
}
END_TEST

START_TEST(hashed_tasks_stay_when_others_come) {
    const struct shard shard = {2, 5, true};
    for (size_t i = 0; i < TASKS; i++) {
        char task[40];
        name_of(i, task);
        ck_assert_int_eq(shard_has(&shard, i, task), shard_has(&shard, i + 13, task));
    }
}
END_TEST

START_TEST(shards_are_read) {
    static const struct {
        const char *text, *by;
        struct shard is;
    } EACH[] = {{"1/1", NULL, {1, 1, false}},
                {"3/8", "slice", {3, 8, false}},
                {"8/8", "hash", {8, 8, true}},
                {"10/100000", NULL, {10, 100000, false}}};
    for (size_t i = 0; i < sizeof EACH / sizeof EACH[0]; i++) {
        struct shard shard;
        ck_assert_msg(shard_parse(EACH[i].text, EACH[i].by, &shard, &error) == 0, "%s: %s", EACH[i].text, error.text);
        ck_assert_uint_eq(shard.index, EACH[i].is.index);
        ck_assert_uint_eq(shard.count, EACH[i].is.count);
        ck_assert_int_eq(shard.by_hash, EACH[i].is.by_hash);
    }
}
END_TEST

START_TEST(what_is_no_shard) {
    static const char *const WRONG[] = {"/",
                                        "",
                                        "3",
                                        "0/3",
                                        "4/3",
                                        "a/b",
                                        "1/2/3",
                                        "+1/2",
                                        " 1/2",
                                        "1/2 ",
                                        "1 /2",
                                        "1/",
                                        "/2",
                                        "-1/2",
                                        "1/-2",
                                        "1/0",
                                        "0x1/2",
                                        "1.0/2",
                                        "01/2",
                                        "1/02",
                                        "1//2",
                                        "1/2/",
                                        "1/2\n",
                                        "1,2",
                                        "1/+2",
                                        "0/0",
                                        "1/100001",
                                        "1/4294967297",
                                        "4294967297/4294967297",
                                        "99999999999999999999/99999999999999999999"};
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        struct shard shard;
        ck_assert_msg(shard_parse(WRONG[i], NULL, &shard, &error) == -1, "'%s' was read", WRONG[i]);
        ck_assert_int_eq(error.owner, ERROR_USER);
        ck_assert_ptr_nonnull(strstr(error.text, "--shard cannot be"));
    }
}
END_TEST

START_TEST(how_to_divide) {
    struct shard shard;
    ck_assert_int_eq(shard_parse("1/2", "hsah", &shard, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.text, "did you mean 'hash'?"));
    ck_assert_int_eq(shard_parse("1/2", "", &shard, &error), -1);
    ck_assert_int_eq(error.owner, ERROR_USER);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("shard");
    TCase *tests = tcase_create("shard");
    tcase_add_loop_test(tests, every_task_is_in_one_shard, 0, 2);
    tcase_add_test(tests, hashed_tasks_stay_when_others_come);
    tcase_add_test(tests, shards_are_read);
    tcase_add_test(tests, what_is_no_shard);
    tcase_add_test(tests, how_to_divide);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
