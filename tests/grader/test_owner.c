/* SPDX-License-Identifier: MIT */
/* Whose a tag is: a living process, a dead one, one whose number was given away again, and one that cannot be seen. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/owner.h"

/* The tag with the dash that follows it in a name. */
static void tag_with_dash(char text[OWNER_TAG + 1]) {
    owner_tag(text);
    strcat(text, "-");
}

START_TEST(we_live) {
    char mine[OWNER_TAG + 1];

    tag_with_dash(mine);
    ck_assert_int_eq(owner_look(mine), OWNER_LIVES);
    owner_tag(mine);
    ck_assert_msg(owner_look(mine) == OWNER_NONE, "a tag that may go on was taken for whole");
}
END_TEST

START_TEST(a_child_lives_until_it_ends) {
    char tag[OWNER_TAG + 1] = "";
    int said[2];

    ck_assert_int_eq(pipe(said), 0);
    const pid_t child = fork();
    if (child == 0) {
        tag_with_dash(tag);
        if (write(said[1], tag, sizeof tag) != sizeof tag)
            _exit(1);
        pause();
    }
    ck_assert_int_eq(read(said[0], tag, sizeof tag), sizeof tag);
    ck_assert_int_eq(owner_look(tag), OWNER_LIVES);
    kill(child, SIGKILL);
    ck_assert_int_eq(waitid(P_PID, (id_t)child, NULL, WEXITED | WNOWAIT), 0);
    ck_assert_msg(owner_look(tag) == OWNER_DEAD, "one that has ended, and is only not taken away yet, lives");
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert_int_eq(owner_look(tag), OWNER_DEAD);
    close(said[0]);
    close(said[1]);
}
END_TEST

START_TEST(a_reused_number_is_a_dead_owner) {
    char mine[OWNER_TAG], text[2 * OWNER_TAG];

    owner_tag(mine);
    snprintf(text, sizeof text, "%.16s-%d-1-x", mine, (int)getpid());
    ck_assert_int_eq(owner_look(text), OWNER_DEAD);
}
END_TEST

START_TEST(another_place_cannot_be_seen) {
    char text[2 * OWNER_TAG];

    snprintf(text, sizeof text, "00c0ffee00c0ffee-%d-1-x", (int)getpid());
    ck_assert_int_eq(owner_look(text), OWNER_ELSEWHERE);
    snprintf(text, sizeof text, "0000000000000000-%d-1-x", (int)getpid());
    ck_assert_int_eq(owner_look(text), OWNER_ELSEWHERE);
}
END_TEST

START_TEST(everything_else_is_no_tag) {
    static const char *const texts[] = {"", "-", "x", "1", "1-2", "1-2-", "1-2-3", "1--2-3-", "1-0-3-", "probe-1-2-"};

    ck_assert_int_eq(owner_look(texts[_i]), OWNER_NONE);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("owner");
    TCase *tests = tcase_create("owner");
    SRunner *runner;
    int failed;

    tcase_add_test(tests, we_live);
    tcase_add_test(tests, a_child_lives_until_it_ends);
    tcase_add_test(tests, a_reused_number_is_a_dead_owner);
    tcase_add_test(tests, another_place_cannot_be_seen);
    tcase_add_loop_test(tests, everything_else_is_no_tag, 0, 10);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
