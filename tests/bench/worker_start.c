/* SPDX-License-Identifier: MIT */
/* How long from the start of a candidate's worker to the end of its first call, and how much of that is up to GO, with
 * all layers this machine has and with the core ones only. Prints medians; a figure to record, not a test.
 *
 *   build/tests/bench_worker_start      (from the root of the source tree) */
#include <time.h>

#include "tests/grader/run_sample.h"

enum { ROUNDS = 41 };

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static void measure(const struct pack_sample *sample, struct seat *seat, const char *label) {
    double start[ROUNDS], call[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        seat_lay_out(seat, LAYOUT_RIGHT);
        const double begin = now_ms();
        seat_start(seat);
        start[i] = now_ms() - begin;
        seat_go_for(seat, false, 1000);
        call[i] = now_ms() - begin;
        ck_assert_int_eq(seat->outcome.verdict, VERDICT_PASSED);
        run_close(seat->run);
    }
    printf("%-34s %s\n", label, sample->support.active);
    printf("  to parked (ready for the first GO) %6.2f ms, p90 %6.2f;  to DONE of the first call %6.2f ms\n",
           timing_percentile(start, ROUNDS, 0.5), timing_percentile(start, ROUNDS, 0.9),
           timing_percentile(call, ROUNDS, 0.5));
}

/* A test in form only: the sample's helpers report through Check. */
START_TEST(measure_start) {
    struct pack_sample sample;
    struct seat seat;
    pack_sample_open(&sample);
    seat_prepare(&seat, &sample);
    seat_compile(&seat, "int good_scale(const struct good_scale_params *p, const float *x, float *y) {\n"
                        "    for (int32_t i = 0; i < p->n; i++) y[i] = p->a * x[i];\n    return 0;\n}\n");
    measure(&sample, &seat, "all layers");
    sandbox_probe(SANDBOX_B, &sample.support);
    measure(&sample, &seat, "core layers (level B)");
    seat.run = NULL;
    memory_release(&seat.inputs);
    memory_release(&seat.outputs);
    trial_release(&seat.trial);
    scratch_release(&seat.scratch);
    pack_sample_close(&sample);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("bench");
    TCase *tcase = tcase_create("worker start");
    tcase_add_test(tcase, measure_start);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_SILENT);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
