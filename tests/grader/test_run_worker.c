/* SPDX-License-Identifier: MIT */
/* Workers as processes: what they print, what they see of their surroundings, what they leave behind, and what the
 * grader's clocks say about them. */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "grader/run_private.h"
#include "tests/grader/run_sample.h"

#define HEAD                                                                                                           \
    "int good_scale(const struct good_scale_params *p, const float *x, float *y) {\n    (void)p, (void)x, (void)y;\n"
#define TAIL "    return 0;\n}\n"

static struct pack_sample sample;
static struct seat seat;

static void open_pack(void) {
    pack_sample_open(&sample);
}

static void close_pack(void) {
    pack_sample_close(&sample);
}

static void must_pass(void) {
    ck_assert_msg(seat.outcome.verdict == VERDICT_PASSED, "%s: %s", verdict_code(seat.outcome.verdict),
                  seat.outcome.detail);
}

START_TEST(what_it_prints_is_kept) {
    size_t bytes = 0;

    seat_open(&seat, &sample,
              "#include <stdio.h>\n" HEAD "    printf(\"n = %d\\n\", p->n);\n    fprintf(stderr, \"to stderr\\n\");\n"
              "    printf(\"no newline\");\n" TAIL);
    seat_go(&seat);
    must_pass();
    seat_go(&seat);
    must_pass();
    const char *text = run_output(seat.run, &bytes);
    ck_assert_ptr_nonnull(memmem(text, bytes, "n = 1003\n", 9));
    ck_assert_ptr_nonnull(memmem(text, bytes, "to stderr\n", 10));
    ck_assert_ptr_nonnull(memmem(text, bytes, "no newline", 10));
    seat_close(&seat);
}
END_TEST

START_TEST(a_megabyte_of_output_breaks_nothing) {
    size_t bytes = 0;

    seat_open(&seat, &sample,
              "#include <stdio.h>\n" HEAD
              "    for (int i = 0; i < 1 << 14; i++)\n        printf(\"%063d\\n\", i);\n" TAIL);
    for (int i = 0; i < 3; i++) {
        seat_go(&seat);
        must_pass();
    }
    const char *text = run_output(seat.run, &bytes);
    ck_assert_uint_gt(bytes, 60 << 10);
    ck_assert_uint_le(bytes, 64 << 10);
    ck_assert_mem_eq(text + 62, "0\n", 2);
    seat_close(&seat);
}
END_TEST

START_TEST(one_thread_means_one) {
    seat_open(&seat, &sample,
              "#include <pthread.h>\nstatic void *work(void *a) { return a; }\n" HEAD
              "    pthread_t other;\n    int code = pthread_create(&other, 0, work, 0);\n"
              "    if (code == 0) pthread_join(other, 0);\n    return code == 0 ? 100 : 50;\n}\n");
    seat_go(&seat);
    must_pass();
    ck_assert_int_eq(seat.outcome.status, 50);
    seat_close(&seat);
}
END_TEST

/* Nothing that a solution does to its descriptors may pass for a return or stop the grader. */
static const char *const tricks[] = {
    "#include <unistd.h>\n" HEAD "    for (int i = 0; i < 1024; i++) close(i);\n" TAIL,
    "#include <unistd.h>\n" HEAD "    for (int i = 0; i < 100000; i++) (void)!write(7, \"D\", 1);\n" TAIL,
    "#include <unistd.h>\n" HEAD "    for (int i = 0; i < 1000; i++) (void)!write(7, \"PDHX\", 4);\n" TAIL,
    "#include <unistd.h>\n" HEAD "    for (int i = 0; i < 100; i++) (void)!write(7, \"\", 0);\n" TAIL,
    "#include <sys/socket.h>\n" HEAD "    char b[9];\n    shutdown(7, SHUT_RDWR);\n    recv(7, b, 9, 0);\n" TAIL,
};

START_TEST(tricks_with_descriptors_are_survived) {
    seat_open(&seat, &sample, tricks[_i]);
    for (int i = 0; i < 3 && !run_dead(seat.run); i++) {
        seat_go_for(&seat, i == 2, 2000);
        if (!run_dead(seat.run))
            must_pass();
    }
    ck_assert_int_ne((int)seat.outcome.verdict, (int)VERDICT_HARNESS_ERROR);
    run_close(seat.run);
    /* The grader is as able as before. */
    seat.run = NULL;
    seat_compile(&seat, HEAD TAIL);
    seat_start(&seat);
    seat_go(&seat);
    must_pass();
    seat_close(&seat);
}
END_TEST

START_TEST(a_worker_killed_from_outside_is_told) {
    seat_open(&seat, &sample, HEAD "    for (volatile int i = 0;; i++) {\n    }\n}\n");
    const pid_t victim = seat.run->pid, killer = fork();
    if (killer == 0) {
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
        _exit(kill(victim, SIGKILL) != 0);
    }
    seat_go_for(&seat, _i != 0, 10000);
    int status = -1;
    ck_assert_int_eq(waitpid(killer, &status, 0), killer);
    ck_assert_int_eq(status, 0);
    ck_assert(run_dead(seat.run));
    ck_assert_msg(seat.outcome.verdict == VERDICT_CRASHED, "%s", verdict_code(seat.outcome.verdict));
    ck_assert_ptr_nonnull(strstr(seat.outcome.detail, "signal 9"));
    seat_close(&seat);
}
END_TEST

static void must_be_gone(pid_t pid, const struct sandbox_child *child) {
    ck_assert_int_ne(kill(pid, 0), 0);
    ck_assert_int_eq(errno, ESRCH);
    ck_assert_int_ne(waitpid(-1, NULL, WNOHANG), 0);
    for (size_t i = 0; i < 2; i++)
        ck_assert_msg(child->cgroup[i][0] == '\0' || access(child->cgroup[i], F_OK) != 0, "%s is left",
                      child->cgroup[i]);
}

START_TEST(nothing_is_left_of_a_closed_worker) {
    seat_open(&seat, &sample, _i == 0 ? HEAD TAIL : HEAD "    __builtin_trap();\n}\n");
    const struct sandbox_child child = seat.run->child;
    const pid_t pid = seat.run->pid;
    seat_go(&seat);
    if (_i == 1)
        must_be_gone(pid, &child);
    run_close(seat.run);
    seat.run = NULL;
    must_be_gone(pid, &child);
    seat_close(&seat);
}
END_TEST

#define WORK(rounds)                                                                                                   \
    HEAD "    float s = 1;\n    for (long i = 0; i < " #rounds "L; i++) s = s * 0.999f + x[i & 511];\n"                \
         "    y[0] = s;\n" TAIL

static void time_work(const char *text, struct timing_side *best) {
    seat_open(&seat, &sample, text);
    for (int i = 0; i < 7; i++) {
        seat_go_for(&seat, true, 10000);
        must_pass();
        const struct timing_side *side = &seat.outcome.side;
        ck_assert_int_gt(side->wall_ns, 0);
        /* The calls and the wait for GO: much less than the wall where the machine is busy, and never much more. */
        ck_assert_int_le(side->cpu_ns, 2 * (side->wall_ns + side->before_ns) + 5000000);
        ck_assert_int_ge(side->idle_ns, 0);
        if (i > 0)
            ck_assert_int_le(side->idle_ns, side->cpu_ns / 4 + 200000);
        if (i == 0 || side->cpu_ns < best->cpu_ns)
            *best = *side;
    }
    seat_close(&seat);
}

/* Six times the work: both clocks must see it, the wall also when others are busy (it is the best of seven). */
START_TEST(clocks_follow_the_work) {
    struct timing_side small, large;

    time_work(WORK(10000000), &small);
    time_work(WORK(60000000), &large);
    ck_assert_int_gt(large.cpu_ns, 2 * small.cpu_ns);
    ck_assert_int_lt(large.cpu_ns, 12 * small.cpu_ns);
    ck_assert_int_ge(large.wall_ns, large.cpu_ns / 2);
    ck_assert_int_ge(small.cpu_ns, small.wall_ns / 20);
}
END_TEST

/* A message says when it was sent, and anybody may send one: the clock must not stop before DONE, neither where the
 * grader spins nor where it sleeps. */
START_TEST(an_early_message_stops_no_clock) {
    seat_open(&seat, &sample,
              "#include <unistd.h>\n" HEAD "    (void)!write(7, \"D\", 1);\n    float s = 1;\n"
              "    for (long i = 0; i < 20000000L; i++) s = s * 0.999f + x[i & 511];\n    y[0] = s;\n" TAIL);
    seat.run->may_spin = _i != 0;
    for (int i = 0; i < 5; i++) {
        seat_go_for(&seat, true, 20000);
        must_pass();
        ck_assert_int_ge(seat.outcome.side.wall_ns, (seat.outcome.side.cpu_ns - seat.outcome.side.before_ns) / 2);
    }
    seat_close(&seat);
}
END_TEST

static void print_environment(char *kept, size_t size) {
    size_t bytes = 0;

    seat_open(&seat, &sample,
              "#include <stdio.h>\nextern char **environ;\n" HEAD
              "    for (char **e = environ; *e; e++) puts(*e);\n    puts(\"end\");\n" TAIL);
    seat_go(&seat);
    must_pass();
    const char *text = run_output(seat.run, &bytes);
    snprintf(kept, size, "%.*s", (int)bytes, text);
    seat_close(&seat);
}

/* Whatever OpenBLAS and OpenMP read of the environment: a kernel, its blocking, the number of threads and where they
 * run. */
static const char *const of_the_caller[][2] = {
    {"OPENBLAS_CORETYPE", "Haswell"},
    {"OPENBLAS_L2_SIZE", "65536"},
    {"OPENBLAS_NUM_THREADS", "7"},
    {"OPENBLAS_BLOCK_FACTOR", "2"},
    {"OPENBLAS_VERBOSE", "2"},
    {"GOTO_NUM_THREADS", "7"},
    {"GOTO_BLOCK_FACTOR", "2"},
    {"OMP_NUM_THREADS", "7"},
    {"OMP_PROC_BIND", "spread"},
    {"OMP_PLACES", "cores"},
    {"GOMP_CPU_AFFINITY", "0"},
    {"OMP_WAIT_POLICY", "active"},
    {"SECRET_SEED", "42"},
    {"LD_PRELOAD_OF_A_TEST", "x"},
};

static void export_all(void) {
    for (size_t i = 0; i < sizeof of_the_caller / sizeof *of_the_caller; i++)
        setenv(of_the_caller[i][0], of_the_caller[i][1], 1);
}

START_TEST(the_environment_is_a_list_of_ours) {
    char text[4096], line[80];

    export_all();
    print_environment(text, sizeof text);
    for (size_t i = 0; i < sizeof of_the_caller / sizeof *of_the_caller; i++) {
        snprintf(line, sizeof line, "%s=%s\n", of_the_caller[i][0], of_the_caller[i][1]);
        ck_assert_msg(strstr(text, line) == NULL, "the caller's %s is in the worker's environment:\n%s", line, text);
    }
    ck_assert_ptr_nonnull(strstr(text, "end\n"));
    ck_assert_ptr_nonnull(strstr(text, "LC_ALL=C\n"));
    ck_assert_ptr_nonnull(strstr(text, "OMP_NUM_THREADS=1\n"));
    static const char *const never[] = {"CORETYPE", "SECRET", "PRELOAD", "L2_SIZE", "GOTO_", "HOME=", "PATH=", "USER="};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        ck_assert_msg(strstr(text, never[i]) == NULL, "%s is in the worker's environment:\n%s", never[i], text);
}
END_TEST

/* The kernels that measure the machine stand for a reference here: they call OpenBLAS, which good-scale's do not. */
static void ask_blas(char core[64]) {
    static const char *const function[] = {"roof_sgemm"};
    char config[160];
    struct error err = {0};

    seat_prepare(&seat, &sample);
    const struct run_setup setup = {.worker = sample.pack.worker,
                                    .stub = sample.parts.roof,
                                    .solution = sample.parts.roof,
                                    .function = function,
                                    .function_count = 1,
                                    .arena = seat.arena,
                                    .pointer_capacity = LAYOUT_PLACES_MAX,
                                    .support = &sample.support,
                                    .limits = &sample.spec->limits,
                                    .trusted = true,
                                    .threads = 1,
                                    .cpu = -1};
    ck_assert_msg(run_open(&setup, &seat.run, &seat.outcome, &err) == 0, "%s", err.text);
    must_pass();
    run_blas(seat.run, core, 64, config, sizeof config);
    seat_close(&seat);
}

/* An inherited variable can make the baseline choose other kernels, of half the speed. */
START_TEST(the_baseline_chooses_its_own_kernels) {
    char plain[64], exported[64];

    unsetenv("OPENBLAS_CORETYPE");
    ask_blas(plain);
    ck_assert_str_ne(plain, "");
    export_all();
    setenv("OPENBLAS_CORETYPE", strcmp(plain, "Haswell") == 0 ? "Sandybridge" : "Haswell", 1);
    ask_blas(exported);
    ck_assert_str_eq(plain, exported);
}
END_TEST

START_TEST(a_candidate_reports_no_blas) {
    char core[64] = "x", config[64] = "x";

    seat_open(&seat, &sample, HEAD TAIL);
    run_blas(seat.run, core, sizeof core, config, sizeof config);
    ck_assert_str_eq(core, "");
    ck_assert_str_eq(config, "");
    seat_close(&seat);
}
END_TEST

START_TEST(a_cancelled_call_is_our_error) {
    static volatile int cancel;
    struct error err = {0};

    seat_prepare(&seat, &sample);
    seat_compile(&seat, HEAD "    for (volatile int i = 0;; i++) {\n    }\n}\n");
    seat_start(&seat);
    must_pass();
    seat.run->setup.cancel = &cancel;
    cancel = 1;
    const struct run_call call = {.trial = &seat.trial,
                                  .layout = &seat.layout,
                                  .layout_serial = 1,
                                  .value = seat.trial.c->value,
                                  .calls = 1,
                                  .timed = _i != 0,
                                  .deadline_ms = 10000};
    ck_assert_int_eq(run_go(seat.run, &call, &seat.outcome, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "interrupted"));
    ck_assert(run_dead(seat.run));
    seat_close(&seat);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("run_worker");
    TCase *tests = tcase_create("run_worker");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tests, 60);
    tcase_add_unchecked_fixture(tests, open_pack, close_pack);
    tcase_add_test(tests, what_it_prints_is_kept);
    tcase_add_test(tests, a_megabyte_of_output_breaks_nothing);
    tcase_add_test(tests, one_thread_means_one);
    tcase_add_loop_test(tests, tricks_with_descriptors_are_survived, 0, sizeof tricks / sizeof *tricks);
    tcase_add_loop_test(tests, a_worker_killed_from_outside_is_told, 0, 2);
    tcase_add_loop_test(tests, nothing_is_left_of_a_closed_worker, 0, 2);
    tcase_add_test(tests, clocks_follow_the_work);
    tcase_add_loop_test(tests, an_early_message_stops_no_clock, 0, 2);
    tcase_add_test(tests, the_environment_is_a_list_of_ours);
    tcase_add_test(tests, the_baseline_chooses_its_own_kernels);
    tcase_add_test(tests, a_candidate_reports_no_blas);
    tcase_add_loop_test(tests, a_cancelled_call_is_our_error, 0, 2);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
