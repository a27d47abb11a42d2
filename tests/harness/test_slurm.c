/* SPDX-License-Identifier: MIT */
/* What Slurm's clients say and are told, without a cluster. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "harness/batch/slurm.h"
#include "harness/batch/slurm_script.h"

static struct error error;

START_TEST(lines_of_the_queue) {
    struct slurm_queue queue = {0};
    slurm_read_line("RUNNING|None", &queue);
    slurm_read_line("PENDING|Priority", &queue);
    slurm_read_line("COMPLETING|None", &queue);
    slurm_read_line("SOMETHING_NEW|None", &queue); /* of a later Slurm: alive until it is gone */
    ck_assert_uint_eq(queue.alive, 4);
    ck_assert_uint_eq(queue.stuck, 0);
    slurm_read_line("COMPLETED|None", &queue);
    slurm_read_line("NODE_FAIL|None", &queue);
    slurm_read_line("CANCELLED|None", &queue);
    slurm_read_line("", &queue);
    slurm_read_line("slurm_load_jobs error: Unable to contact slurm controller", &queue);
    ck_assert_uint_eq(queue.alive, 4);
}
END_TEST

START_TEST(a_queue_that_stands_still) {
    static const char *const LINE[] = {
        "PENDING|Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions",
        "PENDING|ReqNodeNotAvail, UnavailableNodes:n1", "PENDING|JobHeldUser", "PENDING|launch failed requeued held"};
    struct slurm_queue queue = {0};
    for (size_t i = 0; i < sizeof LINE / sizeof LINE[0]; i++)
        slurm_read_line(LINE[i], &queue);
    ck_assert_uint_eq(queue.stuck, sizeof LINE / sizeof LINE[0]);
    ck_assert_str_eq(queue.reason, "launch failed requeued held");
    slurm_read_line("RUNNING|JobHeldUser", &queue); /* it runs, whatever it waited for */
    ck_assert_uint_eq(queue.stuck + 1, queue.alive);
}
END_TEST

static void check_elements(const char *bits, const char *expected) {
    bool has[16] = {false};
    for (size_t i = 0; bits[i] != '\0'; i++)
        has[i] = bits[i] == '1';
    char *text = slurm_elements(has, strlen(bits));
    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(elements_as_sbatch_takes_them) {
    check_elements("1", "1");
    check_elements("11111", "1-5");
    check_elements("1011", "1,3-4");
    check_elements("01100101", "2-3,6,8");
    check_elements("000", "");
}
END_TEST

START_TEST(words_of_the_user) {
    char **word;
    size_t count;
    ck_assert_int_eq(slurm_words(" --partition=short  --constraint=zen4 ", &word, &count, &error), 0);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(word[1], "--constraint=zen4");
    free(word[0]);
    free(word);
    ck_assert_int_eq(slurm_words("   ", &word, &count, &error), 0);
    ck_assert_uint_eq(count, 0);
    free(word);
    /* A word without dashes would be taken for the script, "--" would end the options. */
    static const char *const WRONG[] = {"-p short", "--partition short", "/bin/true", "--partition=a --", "x"};
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        ck_assert_int_eq(slurm_words(WRONG[i], &word, &count, &error), -1);
        ck_assert_int_eq(error.owner, ERROR_USER);
    }
}
END_TEST

START_TEST(the_script_quotes_everything) {
    char *argument[] = {"/tmp"};
    const struct options options = {.challenge = "it's $(reboot) `x`",
                                    .no_timing = true,
                                    .jobs = 2,
                                    .argument = argument,
                                    .argument_count = 1,
                                    .at_most = SANDBOX_A};
    const struct plan plan = {.run = "abc"};
    const struct crew_work work = {.options = &options, .plan = &plan, .results = "/tmp"};
    setenv("HARNESS_SEED", "123456789012345678", 1);
    setenv("HARNESS_PATH", "/a b:/c", 1);
    char *text = slurm_script(&work, 7, &error);
    ck_assert_ptr_ne(text, NULL);
    ck_assert_ptr_ne(strstr(text, "--challenge 'it'\\''s $(reboot) `x`'"), NULL);
    ck_assert_ptr_ne(strstr(text, "--shard \"$SLURM_ARRAY_TASK_ID/7\""), NULL);
    ck_assert_ptr_ne(strstr(text, "HARNESS_PATH='/a b:/c'\n"), NULL);
    ck_assert_ptr_ne(strstr(text, " --results '/tmp'"), NULL);
    ck_assert_ptr_ne(strstr(text, " -- '/tmp'\n"), NULL);
    ck_assert_ptr_eq(strstr(text, "123456789012345678"), NULL); /* the secret stays out */
    ck_assert_ptr_eq(strstr(text, "--sign-key"), NULL);
    free(text);
    setenv("HARNESS_SIGN_KEY_FILE", "/dev/null", 1); /* the variable stays here, the key it names does not */
    text = slurm_script(&work, 7, &error);
    ck_assert_ptr_ne(strstr(text, " --sign-key '/dev/null'"), NULL);
    free(text);
    argument[0] = "/no/such/file";
    ck_assert_ptr_eq(slurm_script(&work, 7, &error), NULL);
    ck_assert_ptr_ne(strstr(error.text, "/no/such/file"), NULL);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("slurm");
    TCase *tests = tcase_create("slurm");
    tcase_add_test(tests, lines_of_the_queue);
    tcase_add_test(tests, a_queue_that_stands_still);
    tcase_add_test(tests, elements_as_sbatch_takes_them);
    tcase_add_test(tests, words_of_the_user);
    tcase_add_test(tests, the_script_quotes_everything);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
