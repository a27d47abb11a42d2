/* SPDX-License-Identifier: MIT */
/* The parts of grading many: which task comes next, how often one was begun, the table, the bar, and processes. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/scratch.h"
#include "harness/batch/board.h"
#include "harness/batch/crew_queue.h"
#include "harness/batch/crew_tries.h"
#include "harness/batch/process.h"
#include "harness/batch/tally.h"
#include "harness/heap.h"

static char folder[64];
static struct error error;

static void make_folder(void) {
    snprintf(folder, sizeof folder, "/tmp/harness-test-XXXXXX");
    ck_assert_ptr_ne(mkdtemp(folder), NULL);
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(mkdir("attempts", 0755), 0);
}

static void remove_folder(void) {
    ck_assert_int_eq(chdir("/"), 0);
    scratch_remove_tree(folder);
}

/* Tasks 0 to 6; 3 is not wanted. */
static char CHALLENGE[][2] = {"b", "a", "b", "b", "a", "b", "c"};
enum { TASKS = 7 };
static struct plan_task tasks[TASKS];
static const bool WANTED[TASKS] = {true, true, true, false, true, true, true};

static void open_queue(struct queue *queue) {
    const struct plan plan = {.count = TASKS, .task = tasks};
    for (size_t i = 0; i < TASKS; i++)
        tasks[i].challenge = CHALLENGE[i];
    queue_open(queue, &plan, WANTED);
}

START_TEST(a_grader_stays_with_its_challenge) {
    struct queue queue;
    size_t one = QUEUE_NO_GROUP, two = QUEUE_NO_GROUP, index;
    static const size_t EXPECTED_ONE[] = {0, 2, 5}, EXPECTED_TWO[] = {1, 4, 6};
    open_queue(&queue);
    for (size_t i = 0; i < 3; i++) {
        ck_assert(queue_take(&queue, &one, &index));
        ck_assert_uint_eq(index, EXPECTED_ONE[i]);
        ck_assert(queue_take(&queue, &two, &index));
        ck_assert_uint_eq(index, EXPECTED_TWO[i]);
    }
    ck_assert(!queue_take(&queue, &one, &index));
    ck_assert(!queue_take(&queue, &two, &index));
    queue_close(&queue);
}
END_TEST

START_TEST(what_is_put_back_comes_again) {
    struct queue queue;
    size_t one = QUEUE_NO_GROUP, two = QUEUE_NO_GROUP, index, seen[TASKS] = {0};
    open_queue(&queue);
    ck_assert(queue_take(&queue, &one, &index));
    const size_t group = one, lost = index;
    queue_put_back(&queue, group, lost);
    queue_leave(&queue, &one);
    ck_assert_uint_eq(one, QUEUE_NO_GROUP);
    while (queue_take(&queue, &two, &index))
        seen[index]++;
    for (size_t i = 0; i < TASKS; i++)
        ck_assert_uint_eq(seen[i], WANTED[i]);
    queue_close(&queue);
}
END_TEST

START_TEST(attempts_are_counted) {
    struct tries tries;
    tries_read(".", "gita/norm", &tries);
    ck_assert_uint_eq(tries.begun + tries.died, 0);
    const enum tries_event events[] = {TRIES_BEGUN, TRIES_DIED, TRIES_BEGUN, TRIES_INTERRUPTED, TRIES_BEGUN};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        ck_assert_int_eq(tries_mark(".", "gita/norm", events[i], &error), 0);
    tries_read(".", "gita/norm", &tries);
    ck_assert_uint_eq(tries.begun, 2);
    ck_assert_uint_eq(tries.died, 1);
    ck_assert_int_eq(access("attempts/gita~norm", F_OK), 0);
    tries_forget(".", "gita/norm");
    tries_read(".", "gita/norm", &tries);
    ck_assert_uint_eq(tries.begun, 0);
    ck_assert_int_eq(tries_mark("none", "gita/norm", TRIES_BEGUN, &error), -1);
}
END_TEST

static struct result make_result(enum verdict verdict, double points, double ratio, const char *cpu) {
    return (struct result){.file = "work/x.c",
                           .challenge = "norm",
                           .challenge_version = "1.0",
                           .cpu = cpu,
                           .cores = 2,
                           .level = 'A',
                           .verdict = verdict,
                           .points = points,
                           .max_points = 100,
                           .ratio = ratio,
                           .detail = "",
                           .exit = verdict == VERDICT_PASSED ? 0 : 1};
}

static char *print(struct tally *tally) {
    struct heap_text text;
    heap_text_open(&text);
    const struct screen screen = {text.stream, false, true};
    tally_print(tally, &screen);
    char *out = heap_text_take(&text, NULL);
    for (const char *line = out; *line != '\0'; line += strcspn(line, "\n") + 1)
        ck_assert_uint_le(strcspn(line, "\n"), SCREEN_COLUMNS);
    return out;
}

START_TEST(a_table_has_the_best_first) {
    struct tally tally = {0};
    struct result_case wrong = {.name = "odd_tail", .number = 3, .verdict = VERDICT_WRONG_ANSWER, .place = "x.c:9"};
    struct result one = make_result(VERDICT_WRONG_ANSWER, 25, NAN, "A"),
                  two = make_result(VERDICT_PASSED, 92, 5.3, "A"), three = make_result(VERDICT_PASSED, 86, 4.6, "A");
    one.cases = &wrong;
    one.case_count = 1;
    tally_add(&tally, "lin", "lin/norm", &one);
    tally_add(&tally, "gita", "gita/norm", &two);
    tally_add(&tally, "a\033[2Jb\n::error::", "x/norm", &three);
    ck_assert_uint_eq(tally.accepted, 2);
    ck_assert_int_eq(tally.exit, 1);
    char *out = print(&tally);
    const char *first = strstr(out, "gita"), *second = strstr(out, "a\\x1b[2Jb"), *third = strstr(out, "lin");
    ck_assert_msg(first != NULL && second > first && third > second, "%s", out);
    ck_assert_ptr_ne(strstr(out, "case 3 odd_tail, x.c:9"), NULL);
    ck_assert_ptr_eq(strstr(out, "comparable"), NULL);
    ck_assert_ptr_eq(strchr(out, '\033'), NULL);
    free(out);
    tally_release(&tally);
}
END_TEST

START_TEST(machines_are_marked) {
    struct tally tally = {0};
    const struct result one = make_result(VERDICT_PASSED, 90, 5, "Old"),
                        two = make_result(VERDICT_PASSED, 80, 4, "New"),
                        three = make_result(VERDICT_PASSED, 70, NAN, "Untimed");
    tally_add(&tally, "ana", "ana/norm", &one);
    tally_add(&tally, "joe", "joe/norm", &two);
    tally_add(&tally, "lin", "lin/norm", &three);
    ck_assert_uint_eq(tally.machine_count, 2);
    char *out = print(&tally);
    ck_assert_msg(strstr(out, "x a\n") != NULL && strstr(out, "x b\n") != NULL, "%s", out);
    ck_assert_ptr_ne(strstr(out, "not comparable"), NULL);
    ck_assert_ptr_ne(strstr(out, "  b  New, 2 cores, sandbox level A"), NULL);
    free(out);
    tally_release(&tally);
}
END_TEST

/* The author of a file named the wrong challenge; nobody mistyped a command. */
START_TEST(a_skipped_submission_is_not_accepted) {
    struct result result = make_result(VERDICT_SKIPPED, 0, NAN, "");
    result.exit = 2;
    ck_assert_int_eq(tally_exit(&result), 1);
    result = make_result(VERDICT_UNSTABLE, 0, NAN, "");
    result.exit = 4;
    ck_assert_int_eq(tally_exit(&result), 4);
}
END_TEST

START_TEST(the_bar_fits_and_tells_the_time) {
    struct board board;
    char text[3 * SCREEN_COLUMNS];
    board_start(&board, 200, true);
    board.done = 60;
    board.old = 10;
    snprintf(board.current, sizeof board.current, "%s", "somebody-with-a-long-name/and-a-long-challenge-too-1234567");
    snprintf(board.stage, sizeof board.stage, "%s", "waiting for another measurement");
    board_words(&board, board.started_ns + INT64_C(100000000000), text, sizeof text);
    ck_assert_uint_lt(strlen(text), SCREEN_COLUMNS);
    ck_assert_msg(strstr(text, "  ETA 280 s") != NULL, "%s", text); /* 50 took 100 s, 140 are left */
    ck_assert_ptr_ne(strstr(text, "60/200"), NULL);
    ck_assert_int_eq(strncmp(text, "[#######-----------------]", 26), 0);
    board.done = 200;
    board_words(&board, board.started_ns + 1, text, sizeof text);
    ck_assert_ptr_eq(strstr(text, "ETA"), NULL);
}
END_TEST

static const struct {
    const char *script;
    int status;
    const char *out, *err;
} RUN[] = {
    {"echo one; echo two >&2; exit 3", 3, "one\n", "two\n"},
    {"kill -9 $$", 137, "", ""},
    {"cat", 0, "", ""}, /* its standard input is empty */
    {"head -c 3000000 /dev/zero | tr '\\0' x", 0, NULL, ""},
};

START_TEST(programs_run_without_a_shell) {
    char *word[] = {(char *)"sh", (char *)"-c", (char *)RUN[_i].script, NULL};
    struct process_output output;
    ck_assert_int_eq(process_run(word, 30, &output, &error), RUN[_i].status);
    if (RUN[_i].out != NULL)
        ck_assert_str_eq(output.out, RUN[_i].out);
    else
        ck_assert_uint_eq(strlen(output.out), 1 << 20);
    ck_assert_str_eq(output.err, RUN[_i].err);
    free(output.out);
    free(output.err);
}
END_TEST

START_TEST(what_cannot_run_or_end) {
    char *none[] = {(char *)"no-such-program-anywhere", NULL}, *slow[] = {(char *)"sleep", (char *)"1000", NULL};
    struct process_output output;
    ck_assert_int_eq(process_run(none, 5, &output, &error), 127);
    free(output.out);
    free(output.err);
    ck_assert_int_eq(process_run(slow, 0, &output, &error), 137);
    free(output.out);
    free(output.err);
}
END_TEST

/* Sends back what it gets, and whether it still has a descriptor of the parent's. */
static int echo(void *context, int in, int out) {
    char letter;
    while (read(in, &letter, 1) == 1) {
        letter = fcntl(*(int *)context, F_GETFD) < 0 ? letter : '!';
        if (write(out, &letter, 1) != 1)
            return 2;
    }
    return 7;
}

START_TEST(a_fork_has_its_pipes_and_nothing_else) {
    struct process process;
    int other = open("/dev/null", O_RDONLY), status;
    char letter = 'x';
    ck_assert_int_eq(process_fork(echo, &other, &process, &error), 0);
    ck_assert_int_eq(write(process.to, &letter, 1), 1);
    letter = '?';
    ck_assert_int_eq(read(process.from, &letter, 1), 1);
    ck_assert_int_eq(letter, 'x');
    close(process.to);
    ck_assert_int_eq(waitpid(process.pid, &status, 0), process.pid);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    close(process.from);
    close(other);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("crew");
    TCase *parts = tcase_create("parts");
    tcase_add_checked_fixture(parts, make_folder, remove_folder);
    tcase_add_test(parts, a_grader_stays_with_its_challenge);
    tcase_add_test(parts, what_is_put_back_comes_again);
    tcase_add_test(parts, attempts_are_counted);
    tcase_add_test(parts, a_table_has_the_best_first);
    tcase_add_test(parts, machines_are_marked);
    tcase_add_test(parts, a_skipped_submission_is_not_accepted);
    tcase_add_test(parts, the_bar_fits_and_tells_the_time);
    tcase_add_loop_test(parts, programs_run_without_a_shell, 0, (int)(sizeof RUN / sizeof RUN[0]));
    tcase_add_test(parts, what_cannot_run_or_end);
    tcase_add_test(parts, a_fork_has_its_pipes_and_nothing_else);
    suite_add_tcase(suite, parts);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
