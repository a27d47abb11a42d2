/* SPDX-License-Identifier: MIT */
/* Workers and their calls: what solutions of every kind of fault end in, and that the sentence names it. What a worker
 * sees of its surroundings and how it is timed is test_run_worker.c. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "tests/grader/run_sample.h"

#define HEAD                                                                                                           \
    "int good_scale(const struct good_scale_params *p, const float *x, float *y) {\n    (void)p, (void)x, (void)y;\n"
#define LOOP "    for (int32_t i = 0; i < p->n; i++)\n        y[i] = p->a * x[i];\n"
#define TAIL "    return 0;\n}\n"

enum { N = 1003 };

static struct pack_sample sample;
static struct seat seat;

static void open_pack(void) {
    pack_sample_open(&sample);
}

static void close_pack(void) {
    pack_sample_close(&sample);
}

static void must_end(enum verdict verdict, const char *words) {
    ck_assert_msg(seat.outcome.verdict == verdict, "%s: %s", verdict_code(seat.outcome.verdict), seat.outcome.detail);
    ck_assert_msg(strstr(seat.outcome.detail, words) != NULL, "'%s' is not in '%s'", words, seat.outcome.detail);
    ck_assert_int_eq(run_dead(seat.run), verdict != VERDICT_PASSED);
}

START_TEST(a_right_solution_returns) {
    seat_open(&seat, &sample, HEAD LOOP TAIL);
    seat_go(&seat);
    must_end(VERDICT_PASSED, "");
    ck_assert_int_eq(seat.outcome.status, 0);
    ck_assert(!seat.outcome.flushes_denormals);
    const float *x = seat.trial.tensor[2].data, *y = layout_data(&seat.layout, &seat.arena, 3, 0);
    ck_assert_str_eq(seat.trial.tensor[2].name, "x");
    for (int i = 0; i < N; i++)
        ck_assert_float_eq(y[i], 1.7f * x[i]);
    struct layout_damage damage;
    ck_assert(!layout_damaged(&seat.layout, &seat.arena, seat_key, &damage));
    seat_close(&seat);
}
END_TEST

START_TEST(a_worker_serves_many_calls) {
    seat_open(&seat, &sample, HEAD LOOP TAIL);
    for (int i = 0; i < 50; i++) {
        seat_lay_out(&seat, (enum layout_variant)(i % LAYOUT_VARIANTS));
        seat_go(&seat);
        must_end(VERDICT_PASSED, "");
        const float *x = seat.trial.tensor[2].data, *y = layout_data(&seat.layout, &seat.arena, 3, 0);
        ck_assert_float_eq(y[N - 1], 1.7f * x[N - 1]);
    }
    seat_close(&seat);
}
END_TEST

START_TEST(the_status_is_what_it_returned) {
    seat_open(&seat, &sample, HEAD "    return 7;\n}\n");
    seat_go(&seat);
    must_end(VERDICT_PASSED, "");
    ck_assert_int_eq(seat.outcome.status, 7);
    seat_close(&seat);
}
END_TEST

START_TEST(one_element_too_far_is_seen_by_the_canary) {
    struct layout_damage damage;

    seat_open(&seat, &sample, HEAD LOOP "    y[p->n] = 1.0f;\n" TAIL);
    seat_lay_out(&seat, LAYOUT_LEFT);
    seat_go(&seat);
    must_end(VERDICT_PASSED, "");
    ck_assert(layout_damaged(&seat.layout, &seat.arena, seat_key, &damage));
    ck_assert_uint_eq(damage.place, 3);
    ck_assert_int_eq(damage.element, N);
    seat_close(&seat);
}
END_TEST

struct fault {
    const char *text;
    enum layout_variant variant;
    enum verdict verdict;
    const char *words;
};

/* The system call is made without libc, so that nothing but the filter can object. */
#define CALL(number, a, b, c)                                                                                          \
    HEAD "    long r;\n    __asm__ volatile(\"syscall\" : \"=a\"(r) : \"a\"(" #number "L), \"D\"(" #a "L), \"S\"(" #b  \
         "L), \"d\"(" #c "L) : \"rcx\", \"r11\", \"memory\");\n" TAIL

static const struct fault faults[] = {
    {HEAD "    y[p->n] = 1.0f;\n" TAIL, LAYOUT_RIGHT, VERDICT_CRASHED, "y[1003]"},
    {HEAD "    for (int i = 0; i < 100000; i++) y[i] = 1.0f;\n" TAIL, LAYOUT_LEFT, VERDICT_CRASHED, "y["},
    {HEAD "    ((volatile float *)y)[-1] = 1.0f;\n" TAIL, LAYOUT_LEFT, VERDICT_CRASHED,
     "4 bytes before the start of y"},
    {HEAD "    y[0] = ((volatile const float *)x)[p->n];\n" TAIL, LAYOUT_RIGHT, VERDICT_CRASHED, "x[1003]"},
    {HEAD "    ((volatile float *)(uintptr_t)x)[5] = 1.0f;\n" TAIL, LAYOUT_RIGHT, VERDICT_CRASHED, "x[5]"},
    {HEAD "    const float *volatile none = 0;\n    y[0] = none[3];\n" TAIL, LAYOUT_RIGHT, VERDICT_CRASHED,
     "null pointer"},
    {HEAD "    y[0] = *(volatile float *)0x7123456789a0;\n" TAIL, LAYOUT_RIGHT, VERDICT_CRASHED, "no argument"},
    {"static int deep(volatile int *a) { volatile int b[4096]; b[0] = *a; return deep(b) + b[1]; }\n" HEAD
     "    volatile int a = 1;\n    return deep(&a);\n}\n",
     LAYOUT_RIGHT, VERDICT_CRASHED, "stack"},
    {"#include <stdlib.h>\n" HEAD "    exit(0);\n}\n", LAYOUT_RIGHT, VERDICT_EXITED, "exit code 0"},
    {"#include <unistd.h>\n" HEAD "    _exit(3);\n}\n", LAYOUT_RIGHT, VERDICT_EXITED, "exit code 3"},
    {"#include <stdlib.h>\n" HEAD "    abort();\n}\n", LAYOUT_RIGHT, VERDICT_CRASHED, "signal 6"},
    {HEAD "    volatile int zero = 0;\n    return 7 / zero;\n}\n", LAYOUT_RIGHT, VERDICT_CRASHED, "signal 8"},
    {HEAD "    __builtin_trap();\n}\n", LAYOUT_RIGHT, VERDICT_CRASHED, "signal 4"},
    {HEAD "    for (volatile int i = 0;; i++) {\n    }\n}\n", LAYOUT_RIGHT, VERDICT_TIME_LIMIT, "300 ms"},
    {CALL(110, 0, 0, 0), LAYOUT_RIGHT, VERDICT_FORBIDDEN_CALL, "getppid"},
    {CALL(41, 2, 1, 0), LAYOUT_RIGHT, VERDICT_FORBIDDEN_CALL, "socket"},
    {CALL(57, 0, 0, 0), LAYOUT_RIGHT, VERDICT_FORBIDDEN_CALL, "fork"},
    {CALL(59, 0, 0, 0), LAYOUT_RIGHT, VERDICT_FORBIDDEN_CALL, "execve"},
    {CALL(101, 0, 0, 0), LAYOUT_RIGHT, VERDICT_FORBIDDEN_CALL, "ptrace"},
    {"#include <unistd.h>\n" HEAD "    return getppid();\n}\n", LAYOUT_RIGHT, VERDICT_FORBIDDEN_CALL, "getppid"},
    {"#include <stdlib.h>\n#include <string.h>\n" HEAD "    for (;;) memset(malloc(1 << 20), 1, 1 << 20);\n}\n",
     LAYOUT_RIGHT, VERDICT_MEMORY_LIMIT, "64 MiB"},
    {"#include <sys/mman.h>\n#include <string.h>\n" HEAD
     "    for (;;) memset(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, "
     "MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1, 1 << 20);\n}\n",
     LAYOUT_RIGHT, VERDICT_MEMORY_LIMIT, "64 MiB"},
};

START_TEST(every_fault_has_its_verdict_and_its_sentence) {
    const struct fault *fault = &faults[_i];

    seat_open(&seat, &sample, fault->text);
    seat_lay_out(&seat, fault->variant);
    seat_go_for(&seat, false, fault->verdict == VERDICT_TIME_LIMIT ? 300 : 10000);
    must_end(fault->verdict, fault->words);
    seat_close(&seat);
}
END_TEST

/* The same fault while the grader spins: it must notice the death by itself. */
START_TEST(a_timed_call_may_die_too) {
    const struct fault *fault = &faults[_i];

    seat_open(&seat, &sample, fault->text);
    seat_lay_out(&seat, fault->variant);
    seat_go_for(&seat, true, fault->verdict == VERDICT_TIME_LIMIT ? 300 : 10000);
    must_end(fault->verdict, fault->words);
    seat_close(&seat);
}
END_TEST

/* The address of a fault is relative to the binary, for addr2line. */
START_TEST(a_crash_names_its_instruction) {
    seat_open(&seat, &sample, HEAD "    y[p->n] = 1.0f;\n" TAIL);
    seat_go(&seat);
    must_end(VERDICT_CRASHED, "y[1003]");
    ck_assert_uint_gt(seat.outcome.instruction, 0);
    ck_assert_uint_lt(seat.outcome.instruction, 1 << 20);
    seat_close(&seat);
}
END_TEST

/* What libc itself may try is refused and not punished; it gives nothing away. */
START_TEST(no_file_can_be_opened) {
    seat_open(&seat, &sample,
              "#include <errno.h>\n#include <fcntl.h>\n#include <stdio.h>\n" HEAD
              "    if (fopen(\"/etc/passwd\", \"r\") != NULL) return 1;\n"
              "    if (open(\"/proc/self/fd/3\", O_RDWR) >= 0) return 2;\n"
              "    if (open(\"/tmp/x\", O_RDWR | O_CREAT, 0666) >= 0) return 3;\n"
              "    return errno == EACCES ? 0 : 4;\n}\n");
    seat_go(&seat);
    must_end(VERDICT_PASSED, "");
    ck_assert_int_eq(seat.outcome.status, 0);
    seat_close(&seat);
}
END_TEST

START_TEST(ftz_is_noticed_and_taken_off_again) {
    seat_open(&seat, &sample,
              "#include <immintrin.h>\n" HEAD "    static int calls;\n"
              "    if (calls++ == 0) _mm_setcsr(_mm_getcsr() | 0x8040);\n"
              "    y[0] = (_mm_getcsr() & 0x8040) != 0;\n" TAIL);
    seat_go(&seat);
    must_end(VERDICT_PASSED, "");
    seat_lay_out(&seat, LAYOUT_RIGHT);
    seat_go(&seat);
    must_end(VERDICT_PASSED, "");
    ck_assert(seat.outcome.flushes_denormals);
    const float *y = layout_data(&seat.layout, &seat.arena, 3, 0);
    ck_assert_float_eq(y[0], 0);
    seat_close(&seat);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("run");
    TCase *tests = tcase_create("run");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tests, 60);
    tcase_add_unchecked_fixture(tests, open_pack, close_pack);
    tcase_add_test(tests, a_right_solution_returns);
    tcase_add_test(tests, a_worker_serves_many_calls);
    tcase_add_test(tests, the_status_is_what_it_returned);
    tcase_add_test(tests, one_element_too_far_is_seen_by_the_canary);
    tcase_add_loop_test(tests, every_fault_has_its_verdict_and_its_sentence, 0, sizeof faults / sizeof *faults);
    tcase_add_loop_test(tests, a_timed_call_may_die_too, 0, sizeof faults / sizeof *faults);
    tcase_add_test(tests, a_crash_names_its_instruction);
    tcase_add_test(tests, no_file_can_be_opened);
    tcase_add_test(tests, ftz_is_noticed_and_taken_off_again);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
