/* SPDX-License-Identifier: MIT */
/* Roofs: which one is nearer, and when a time is too good to be believed. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "grader/machine.h"

/* 100 GFLOP/s; 200, 100, 40 and 20 GB/s. */
static struct machine known_machine(void) {
    struct machine machine = {.cores = 4};

    machine.roof = (struct machine_roof){.known = true,
                                         .fma_gflops = 100,
                                         .sgemm_gflops = 90,
                                         .bandwidth_bytes = {1000, 100000, 10000000, 1000000000},
                                         .bandwidth_gbps = {200, 100, 40, 20}};
    return machine;
}

START_TEST(a_description_is_complete) {
    struct machine machine;

    memset(&machine, 0xff, sizeof machine);
    machine_describe(&machine);
    ck_assert_uint_ge(machine.cores, 1);
    ck_assert_str_ne(machine.cpu, "");
    ck_assert_str_ne(machine.vector, "");
    ck_assert_str_ne(machine.kernel, "");
    ck_assert(!machine.roof.known);
}
END_TEST

START_TEST(compute_bound_work_is_held_against_the_multipliers) {
    const struct machine machine = known_machine();
    bool memory = true;

    ck_assert_double_eq_tol(machine_of_roof(&machine, 1, 50e9, 1e6, 1, &memory), 0.5, 1e-12);
    ck_assert(!memory);
    ck_assert_double_eq_tol(machine_of_roof(&machine, 2, 50e9, 1e6, 1, &memory), 0.25, 1e-12);
}
END_TEST

START_TEST(memory_bound_work_is_held_against_the_bandwidth) {
    const struct machine machine = known_machine();
    bool memory = false;

    ck_assert_double_eq_tol(machine_of_roof(&machine, 1, 1, 10e9, 1, &memory), 0.5, 1e-9);
    ck_assert(memory);
}
END_TEST

/* The bandwidth is that of the smallest working set that holds the bytes; beyond the last, the last. */
START_TEST(the_working_set_chooses_the_bandwidth) {
    static const struct {
        double bytes, gbps;
    } rows[] = {{1, 200}, {1000, 200}, {1001, 100}, {100000, 100}, {5e6, 40}, {1e9, 20}, {1e12, 20}};
    const struct machine machine = known_machine();
    bool memory;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const double seconds = rows[i].bytes / (rows[i].gbps * 1e9);
        ck_assert_double_eq_tol(machine_of_roof(&machine, 1, 0, rows[i].bytes, seconds, &memory), 1, 1e-9);
    }
}
END_TEST

START_TEST(without_a_roof_nothing_is_known) {
    struct machine machine = known_machine();
    bool memory = true;

    machine.roof.known = false;
    ck_assert_double_eq(machine_of_roof(&machine, 1, 1e9, 1e9, 1, &memory), 0);
    ck_assert(!memory);
    ck_assert(!machine_impossible(&machine, 1, 1e300, 1e300, 1e-9));
}
END_TEST

START_TEST(no_time_is_no_share) {
    static const double seconds[] = {0, -1, NAN};
    const struct machine machine = known_machine();
    bool memory = true;

    ck_assert_double_eq(machine_of_roof(&machine, 1, 1e9, 1e9, seconds[_i], &memory), 0);
    ck_assert(machine_impossible(&machine, 1, 1e9, 1e9, seconds[_i]));
}
END_TEST

START_TEST(what_the_machine_can_do_is_possible) {
    const struct machine machine = known_machine();

    ck_assert(!machine_impossible(&machine, 1, 100e9, 1, 1));
    ck_assert(!machine_impossible(&machine, 1, 140e9, 1, 1));
    ck_assert(!machine_impossible(&machine, 1, 1, 700e9, 1));
    ck_assert(!machine_impossible(&machine, 4, 500e9, 1, 1));
    ck_assert(!machine_impossible(&machine, 1, 0, 0, 1));
}
END_TEST

START_TEST(what_no_machine_can_do_is_impossible) {
    const struct machine machine = known_machine();

    ck_assert(machine_impossible(&machine, 1, 200e9, 1, 1));
    ck_assert(machine_impossible(&machine, 1, 1, 2000e9, 1));
    ck_assert(machine_impossible(&machine, 2, 400e9, 1, 1));
    ck_assert(machine_impossible(&machine, 1, 1e9, 1, 1e-6));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("machine");
    TCase *tests = tcase_create("machine");
    SRunner *runner;
    int failed;

    tcase_add_test(tests, a_description_is_complete);
    tcase_add_test(tests, compute_bound_work_is_held_against_the_multipliers);
    tcase_add_test(tests, memory_bound_work_is_held_against_the_bandwidth);
    tcase_add_test(tests, the_working_set_chooses_the_bandwidth);
    tcase_add_test(tests, without_a_roof_nothing_is_known);
    tcase_add_loop_test(tests, no_time_is_no_share, 0, 3);
    tcase_add_test(tests, what_the_machine_can_do_is_possible);
    tcase_add_test(tests, what_no_machine_can_do_is_impossible);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
