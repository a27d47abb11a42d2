/* SPDX-License-Identifier: MIT */
/* Turns on the machine: who waits for whom, what a killed process leaves, and files that are not ours. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/scratch.h"
#include "grader/turn.h"

static char folder[64];

static void make_folder(void) {
    snprintf(folder, sizeof folder, "/tmp/harness-test-XXXXXX");
    ck_assert_ptr_ne(mkdtemp(folder), NULL);
    ck_assert_int_eq(setenv("HARNESS_LOCKS", folder, 1), 0);
}

static void remove_folder(void) {
    scratch_remove_tree(folder);
}

/* Cancels as soon as it has to wait. */
static void give_up(void *context) {
    *(volatile int *)context = 1;
}

/* 1: got the turn at once. 0: somebody is in the way. */
static int try_to_take(enum turn_kind kind) {
    struct turn turn = TURN_INIT;
    struct error error;
    volatile int cancel = 0;
    const int status = turn_take(&turn, kind, &cancel, give_up, (void *)&cancel, &error);
    if (status == 0 && turn.floor < 0)
        return -1;
    turn_release(&turn);
    return status == 0;
}

static void take(struct turn *turn, enum turn_kind kind) {
    struct error error;
    ck_assert_int_eq(turn_take(turn, kind, NULL, NULL, NULL, &error), 0);
    ck_assert_int_ge(turn->floor, 0);
}

START_TEST(work_goes_beside_work) {
    struct turn one = TURN_INIT;
    take(&one, TURN_WORK);
    ck_assert_int_eq(try_to_take(TURN_WORK), 1);
    turn_release(&one);
    turn_release(&one);
}
END_TEST

START_TEST(a_measurement_is_alone) {
    struct turn one = TURN_INIT;
    take(&one, TURN_MEASURE);
    ck_assert_int_eq(try_to_take(TURN_WORK), 0);
    ck_assert_int_eq(try_to_take(TURN_MEASURE), 0);
    take(&one, TURN_WORK); /* gives the other back */
    ck_assert_int_eq(try_to_take(TURN_WORK), 1);
    ck_assert_int_eq(try_to_take(TURN_MEASURE), 0);
    turn_release(&one);
    ck_assert_int_eq(try_to_take(TURN_MEASURE), 1);
}
END_TEST

static void say(void *context) {
    const ssize_t ignored = write(*(int *)context, "w", 1);
    (void)ignored;
}

/* A child that takes the turn, says "w" while it waits and "t" once it has it, and keeps it. */
static pid_t start_taker(enum turn_kind kind, int *from) {
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        struct turn turn = TURN_INIT;
        struct error error;
        if (turn_take(&turn, kind, NULL, say, &ends[1], &error) != 0 || turn.floor < 0 || write(ends[1], "t", 1) != 1)
            _exit(1);
        pause();
    }
    close(ends[1]);
    *from = ends[0];
    return child;
}

static char hear(int from) {
    char letter = '?';
    ck_assert_int_eq(read(from, &letter, 1), 1);
    return letter;
}

static void end(pid_t child) {
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

START_TEST(the_killed_give_their_turn_back) {
    int from;
    const pid_t child = start_taker(TURN_MEASURE, &from);
    ck_assert_int_eq(hear(from), 't');
    ck_assert_int_eq(try_to_take(TURN_WORK), 0);
    end(child);
    ck_assert_int_eq(try_to_take(TURN_MEASURE), 1);
    close(from);
}
END_TEST

/* Work that comes later than a measurement waits behind it, though there is other work on the floor. */
START_TEST(a_stream_of_work_starves_no_measurement) {
    struct turn work = TURN_INIT;
    int from;
    take(&work, TURN_WORK);
    const pid_t child = start_taker(TURN_MEASURE, &from);
    ck_assert_int_eq(hear(from), 'w');
    ck_assert_int_eq(try_to_take(TURN_WORK), 0);
    turn_release(&work);
    char letter;
    while ((letter = hear(from)) == 'w')
        continue;
    ck_assert_int_eq(letter, 't');
    end(child);
    ck_assert_int_eq(try_to_take(TURN_WORK), 1);
    close(from);
}
END_TEST

/* The child has the descriptor as well, and must not hold the turn by that. */
START_TEST(a_fork_holds_nothing) {
    struct turn one = TURN_INIT;
    take(&one, TURN_MEASURE);
    const pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    turn_release(&one);
    ck_assert_int_eq(try_to_take(TURN_MEASURE), 1);
    end(child);
}
END_TEST

static void path_in(char path[128], const char *name) {
    snprintf(path, 128, "%s/%s", folder, name);
}

static void put(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    ck_assert_ptr_ne(file, NULL);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

static void put_link(const char *gate, const char *other) {
    put(other, "");
    ck_assert_int_eq(symlink(other, gate), 0);
}

static void put_fifo(const char *gate, const char *other) {
    (void)other;
    ck_assert_int_eq(mkfifo(gate, 0666), 0);
}

static void put_folder(const char *gate, const char *other) {
    (void)other;
    ck_assert_int_eq(mkdir(gate, 0777), 0);
}

static void put_text(const char *gate, const char *other) {
    (void)other;
    put(gate, "mine");
}

static void put_second_name(const char *gate, const char *other) {
    put(other, "");
    ck_assert_int_eq(link(other, gate), 0);
}

static void (*const FOREIGN[])(const char *gate, const char *other) = {put_link, put_fifo, put_folder, put_text,
                                                                       put_second_name};

/* Nobody waits for it, nothing happens to it, and the grading goes on. */
START_TEST(a_foreign_file_is_left_alone) {
    char gate[128], other[128];
    struct stat before, after;
    path_in(gate, _i % 2 == 0 ? "harness-turn.gate" : "harness-turn.floor");
    path_in(other, "other");
    FOREIGN[_i / 2](gate, other);
    ck_assert_int_eq(lstat(gate, &before), 0);
    ck_assert_int_eq(try_to_take(TURN_MEASURE), -1);
    ck_assert_int_eq(lstat(gate, &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino);
    ck_assert_int_eq(before.st_size, after.st_size);
    ck_assert_int_eq(before.st_mode, after.st_mode);
}
END_TEST

START_TEST(without_a_folder_nobody_waits) {
    scratch_remove_tree(folder);
    ck_assert_int_eq(try_to_take(TURN_MEASURE), -1);
}
END_TEST

START_TEST(others_may_lock_them_and_nobody_writes) {
    char gate[128];
    struct stat status;
    umask(077);
    ck_assert_int_eq(try_to_take(TURN_WORK), 1);
    path_in(gate, "harness-turn.gate");
    ck_assert_int_eq(stat(gate, &status), 0);
    ck_assert_int_eq(status.st_mode & 07777, 0444);
    ck_assert_int_eq(status.st_size, 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("turn");
    TCase *turns = tcase_create("turns");
    tcase_add_checked_fixture(turns, make_folder, remove_folder);
    tcase_add_test(turns, work_goes_beside_work);
    tcase_add_test(turns, a_measurement_is_alone);
    tcase_add_test(turns, the_killed_give_their_turn_back);
    tcase_add_test(turns, a_stream_of_work_starves_no_measurement);
    tcase_add_test(turns, a_fork_holds_nothing);
    tcase_add_loop_test(turns, a_foreign_file_is_left_alone, 0, 2 * (int)(sizeof FOREIGN / sizeof FOREIGN[0]));
    tcase_add_test(turns, without_a_folder_nobody_waits);
    tcase_add_test(turns, others_may_lock_them_and_nobody_writes);
    suite_add_tcase(suite, turns);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
