/* SPDX-License-Identifier: MIT */
/* What a program finds when it wakes up in the sandbox, how its end is told, and that nothing of it stays. */
#include "tests/grader/sandbox/outing.h"

START_TEST(status_tells_exit_from_signal) {
    static const int signals[] = {SIGSEGV, SIGABRT, SIGKILL, SIGTERM, SIGSYS, SIGXCPU};
    struct outing outing = outing_at(_i, SANDBOX_CANDIDATE);
    ck_assert_int_eq(outing_code(&outing, "exit", "0"), 0);
    ck_assert_int_eq(outing_code(&outing, "exit", "7"), 7);
    ck_assert_int_eq(outing_code(&outing, "exit", "255"), 255);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        char number[8];
        snprintf(number, sizeof number, "%d", signals[i]);
        ck_assert_int_eq(outing_code(&outing, "signal", number), 1000 + signals[i]);
        ck_assert(!outing.child.out_of_memory);
    }
}
END_TEST

START_TEST(environment_is_exactly_what_was_given) {
    struct outing outing = outing_at(_i, SANDBOX_CANDIDATE);
    setenv("SECRET", "1", 1);
    ck_assert_int_eq(outing_code(&outing, "environment"), 0);
    ck_assert_str_eq(outing.output, "");
    outing.environment[0] = (char *)"LC_ALL=C";
    outing.environment[1] = (char *)"A=b c";
    ck_assert_int_eq(outing_code(&outing, "environment"), 0);
    ck_assert_str_eq(outing.output, "LC_ALL=C\nA=b c\n");
}
END_TEST

START_TEST(descriptors_are_exactly_what_was_given) {
    struct outing outing = outing_at(_i, SANDBOX_CANDIDATE);
    int secret = open("/etc/passwd", O_RDONLY), high = dup2(secret, 900);
    ck_assert_int_eq(outing_code(&outing, "descriptors"), 0);
    ck_assert_str_eq(outing.output, "0 1 2 ");
    outing.fd_count = 3;
    outing.fds[0] = high;
    outing.fds[1] = outing.fds[2] = secret;
    ck_assert_int_eq(outing_code(&outing, "descriptors"), 0);
    ck_assert_str_eq(outing.output, "0 1 2 3 4 5 ");
    close(high);
    close(secret);
}
END_TEST

/* Every source lies where another one has to go. In a process of its own, whose low descriptors are its to replace. */
START_TEST(descriptors_may_trade_places) {
    pid_t pid = fork();
    if (pid == 0) {
        struct outing outing = outing_at(_i, SANDBOX_CANDIDATE);
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0 || dup2(ends[0], 61) < 0 || dup2(ends[1], 60) < 0 || dup2(60, 5) < 0 ||
            dup2(61, 3) < 0 || dup2(61, 4) < 0)
            _exit(1);
        outing.fd_count = 3;
        outing.fds[0] = 5; /* the writing end */
        outing.fds[1] = 3;
        outing.fds[2] = 4;
        outing_start(&outing, (char *[]){(char *)HOSTILE, (char *)"sleep", NULL}, -1);
        char byte = 0;
        ssize_t got = read(61, &byte, 1);
        sandbox_reap(&outing.child);
        _exit(got == 1 && byte == 'r' ? 0 : 2);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(descriptors_keep_their_order) {
    struct outing outing = outing_at(_i, SANDBOX_CANDIDATE);
    int swapped[2];
    ck_assert_int_eq(pipe2(swapped, O_CLOEXEC), 0);
    outing.fd_count = 2;
    outing.fds[0] = swapped[1]; /* the writing end becomes descriptor 3 */
    outing.fds[1] = swapped[0];
    outing_start(&outing, (char *[]){(char *)HOSTILE, (char *)"sleep", NULL}, -1);
    char byte = 0;
    ck_assert_int_eq(read(swapped[0], &byte, 1), 1);
    ck_assert_int_eq(byte, 'r');
    ck_assert(!sandbox_dead(&outing.child));
    sandbox_reap(&outing.child);
    close(swapped[0]);
    close(swapped[1]);
}
END_TEST

START_TEST(program_is_nobody_special) {
    char expected[128];
    struct outing outing = outing_at(_i, SANDBOX_CANDIDATE);
    ck_assert_int_eq(outing_code(&outing, "identity"), 0);
    if (geteuid() == 0) {
        int id = has_namespaces(_i) ? 1000 : 65534;
        snprintf(expected, sizeof expected, "uid %d gid %d groups 0 pid ", id, id);
        ck_assert_msg(strncmp(outing.output, expected, strlen(expected)) == 0, "%s", outing.output);
    }
    if (has_namespaces(_i))
        ck_assert_ptr_nonnull(strstr(outing.output, "pid 2 in /"));
}
END_TEST

START_TEST(signals_and_cores_are_set) {
    struct outing outing = outing_at(_i, SANDBOX_CANDIDATE);
    sigset_t all;
    sigfillset(&all);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &all, NULL);
    ck_assert_int_eq(outing_code(&outing, "signals"), 0);
    sigemptyset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    const int first = 0;
    outing.policy.cpu = &first;
    outing.policy.cpu_count = 1;
    ck_assert_int_eq(outing_code(&outing, "cpus"), 1);
}
END_TEST

START_TEST(output_goes_to_the_log) {
    struct outing outing = outing_at(_i, SANDBOX_TRUSTED);
    ck_assert_int_eq(outing_code(&outing, "identity"), 0);
    ck_assert_ptr_nonnull(strstr(outing.output, "uid"));
    outing_start(&outing, (char *[]){(char *)HOSTILE, (char *)"identity", NULL}, -1);
    outing_await(&outing);
    ck_assert_int_eq(outing.child.status, 0);
}
END_TEST

START_TEST(a_program_that_is_not_there_is_an_error) {
    struct outing outing = outing_at(_i, SANDBOX_CANDIDATE);
    struct error err = {0};
    outing.policy.path = outing.path;
    ck_assert_int_eq(sandbox_spawn(&outing.policy, (char *[]){(char *)"/no/such/program", NULL}, outing.environment,
                                   NULL, 0, -1, &outing.child, &err),
                     -1);
    ck_assert_int_eq(err.owner, ERROR_HARNESS);
    ck_assert_ptr_nonnull(strstr(err.text, "/no/such/program"));
    ck_assert_ptr_nonnull(strstr(err.text, "executing the program"));
    ck_assert(sandbox_dead(&outing.child));
    outing.policy.directory = "/no/such/folder";
    ck_assert_int_eq(sandbox_spawn(&outing.policy, (char *[]){(char *)HOSTILE, NULL}, outing.environment, NULL, 0, -1,
                                   &outing.child, &err),
                     -1);
    ck_assert_ptr_nonnull(strstr(err.text, "entering its folder"));
}
END_TEST

START_TEST(reaping_nothing_is_harmless) {
    struct sandbox_child child = {.pid = 0, .pidfd = -1};
    sandbox_reap(&child);
    ck_assert(sandbox_dead(&child));
}
END_TEST

/* At B and C it is the compiler's filter that keeps the tree in one group. */
START_TEST(a_whole_tree_dies) {
    if (!has_namespaces(_i) && !outing_support[_i].seccomp) {
        printf("SKIP a whole tree dies: without a filter a process may leave its group\n");
        return;
    }
    struct outing outing = outing_at(_i, has_namespaces(_i) ? SANDBOX_CANDIDATE : SANDBOX_COMPILER);
    int ends[2];
    char byte;
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    outing.fd_count = 1;
    outing.fds[0] = ends[1];
    outing_start(&outing, (char *[]){(char *)HOSTILE, (char *)"tree", NULL}, -1);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(read(ends[0], &byte, 1), 1);
    close(ends[1]);
    ck_assert(!outing_pipe_ends(ends[0], 20));
    sandbox_reap(&outing.child);
    ck_assert_int_eq(outing_code_of(outing.child.status), 1000 + SIGKILL);
    ck_assert(outing_pipe_ends(ends[0], 0));
    close(ends[0]);
}
END_TEST

START_TEST(children_do_not_disturb_each_other) {
    struct outing first = outing_at(_i, SANDBOX_CANDIDATE), second = outing_at(_i, SANDBOX_COMPILER);
    outing_start(&first, (char *[]){(char *)HOSTILE, (char *)"sleep", NULL}, -1);
    outing_start(&second, (char *[]){(char *)HOSTILE, (char *)"sleep", NULL}, -1);
    sandbox_reap(&first.child);
    ck_assert(!sandbox_dead(&second.child));
    sandbox_reap(&second.child);
    ck_assert(sandbox_dead(&second.child));
}
END_TEST

/* Starts a child in a process that is then killed; returns that process's pid once the child is up. */
static pid_t start_and_lose(int level, int ends[2]) {
    char byte;
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t grader = fork();
    if (grader == 0) {
        struct outing outing = outing_at(level, SANDBOX_CANDIDATE);
        outing.fd_count = 1;
        outing.fds[0] = ends[1];
        outing_start(&outing, (char *[]){(char *)HOSTILE, (char *)"sleep", NULL}, -1);
        close(ends[0]);
        close(ends[1]); /* from here on the pipe tells about the child only */
        for (;;)
            pause();
    }
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], &byte, 1), 1);
    return grader;
}

START_TEST(children_die_with_the_grader) {
    int ends[2];
    pid_t grader = start_and_lose(_i, ends);
    ck_assert(!outing_pipe_ends(ends[0], 20));
    sandbox_clean_stale(); /* of a living grader: must not touch it */
    ck_assert(!outing_pipe_ends(ends[0], 20));
    kill(grader, SIGKILL);
    waitpid(grader, NULL, 0);
    ck_assert(outing_pipe_ends(ends[0], 5000));
    close(ends[0]);
    char command[160];
    sandbox_clean_stale();
    snprintf(command, sizeof command, "! find /sys/fs/cgroup -name 'harness-%d-*' 2>/dev/null | grep .", (int)grader);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

int main(int argc, char **argv) {
    Suite *suite = suite_create(argc > 1 ? "spawn, as an ordinary user" : "spawn");
    TCase *cases = tcase_create("levels");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, outing_setup, outing_teardown);
    tcase_add_loop_test(cases, status_tells_exit_from_signal, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, environment_is_exactly_what_was_given, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, descriptors_are_exactly_what_was_given, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, descriptors_may_trade_places, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, descriptors_keep_their_order, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, program_is_nobody_special, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, signals_and_cores_are_set, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, output_goes_to_the_log, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, a_program_that_is_not_there_is_an_error, 0, OUTING_LEVELS);
    tcase_add_test(cases, reaping_nothing_is_harmless);
    tcase_add_loop_test(cases, a_whole_tree_dies, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, children_do_not_disturb_each_other, 0, OUTING_LEVELS);
    tcase_add_loop_test(cases, children_die_with_the_grader, 0, OUTING_LEVELS);
    suite_add_tcase(suite, cases);
    return outing_main(suite, argv[0]);
}
