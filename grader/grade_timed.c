/* SPDX-License-Identifier: MIT */
/* Is it fast? Pairs are taken until the ratio is known well enough or the budget is used up; then the accounts are
 * checked before the ratio is believed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/clock.h"
#include "grader/lap.h"

enum { SLOTS_MAX = 512, PAIRS_FEW = 7, PAIRS_A_ROUND = 6, WORKING_SET_MAX = 192 << 20 };
enum { BASELINE_WINDOWS_MAX = 16, LENGTHEN_MAX = 2 };
static const double window_ns = 1.2e6; /* one GO: long against the clock's bias, short against a time slice, so that
                                        * most pairs are clean even on a busy machine */
static const double target = 0.015;    /* wanted relative half-width of the interval */
static const double default_budget_s = 9;
static const int64_t second_chance_ns = 1500000000; /* shorter than this it would be no chance */
static const double believable_share = 1.05; /* of a roof; above, the roof itself is in doubt and measured again */

/* How many calls make a window, from what one call of each side seems to take. Neither a time that was forged short nor
 * a candidate that is slow may hold the grader: the baseline's GO stays below some windows, the candidate's far below
 * its deadline, and the slots must fit into memory. */
static size_t choose_calls(const struct lap *lap, double candidate_ns, double baseline_ns) {
    const double quicker = fmax(fmin(candidate_ns, baseline_ns), 50), deadline_share = 0.25;
    const double deadline_ns = (double)lap->g->request->spec->limits.call_ms * 1e6;
    const size_t slot_bytes = (lap->layout.input_bytes + lap->layout.output_bytes) / lap->calls + 1;
    double calls = ceil(window_ns / quicker);
    calls = fmin(calls, BASELINE_WINDOWS_MAX * window_ns / fmax(baseline_ns, 50));
    calls = fmin(calls, deadline_share * deadline_ns / fmax(candidate_ns, 50));
    calls = fmin(calls, SLOTS_MAX);
    calls = fmin(calls, (double)(WORKING_SET_MAX / slot_bytes));
    return calls >= 1 ? (size_t)calls : 1;
}

/* The whole interval lies below `share` of what is needed: however wide it is, the answer is no. */
static bool surely_slow(const struct lap *lap, double share) {
    const struct timing_estimate *estimate = &lap->result->estimate;
    bool trusted = lap->g->threads == 1 || estimate->usable;
    return trusted && estimate->clean >= PAIRS_FEW && estimate->high < share * lap->result->ratio_needed;
}

static bool settled(struct lap *lap) {
    struct grade_timing *result = lap->result;
    if (lap->pair_count < PAIRS_FEW)
        return false;
    timing_estimate(lap->pair, lap->pair_count, (unsigned)lap->calls, lap->g->threads, target, &result->estimate);
    return result->estimate.enough || surely_slow(lap, 0.8);
}

/* Warms both sides up with single calls, which also tell how many of them make a window. */
static int warm_up(struct lap *lap, struct error *err) {
    struct timing_pair pair;
    for (int i = 0; i < 2 && lap->result->verdict == VERDICT_PASSED; i++)
        if (lap_take_pair(lap, &pair, err) != 0)
            return -1;
    if (lap->result->verdict != VERDICT_PASSED)
        return 0;
    size_t calls = choose_calls(lap, (double)pair.candidate.wall_ns, (double)pair.baseline.wall_ns);
    if (calls == 1) { /* the second pair was warm already and covers a whole window: it counts */
        lap->pair[lap->pair_count++] = pair;
        return 0;
    }
    lap_close(lap);
    if (lap_open(lap, calls, err) != 0)
        return -1;
    return lap_take_pair(lap, &pair, err);
}

/* The next round's first pair finds cold processes and does not count. */
static int next_round(struct lap *lap, struct error *err) {
    struct timing_pair pair;
    if (lap_next_round(lap, err) != 0)
        return -1;
    return lap_take_pair(lap, &pair, err);
}

/* A candidate that was slow in the warm-up and is quick now would be measured in GOs so short that the microseconds
 * which no account shows weigh much. Then all starts again with more calls a GO. */
static int lengthen(struct lap *lap, struct error *err) {
    double candidate[PAIRS_FEW], baseline[PAIRS_FEW];
    struct timing_pair pair;
    if (lap->pair_count != PAIRS_FEW || lap->lengthened >= LENGTHEN_MAX)
        return 0;
    for (size_t i = 0; i < PAIRS_FEW; i++) {
        candidate[i] = (double)lap->pair[i].candidate.wall_ns / (double)lap->calls;
        baseline[i] = (double)lap->pair[i].baseline.wall_ns / (double)lap->calls;
    }
    size_t calls =
        choose_calls(lap, timing_percentile(candidate, PAIRS_FEW, 0.5), timing_percentile(baseline, PAIRS_FEW, 0.5));
    if (calls < 2 * lap->calls)
        return 0;
    lap->lengthened++;
    lap->pair_count = 0;
    lap_close(lap);
    return lap_open(lap, calls, err) != 0 ? -1 : lap_take_pair(lap, &pair, err);
}

static int sample(struct lap *lap, struct error *err) {
    if (warm_up(lap, err) != 0)
        return -1;
    while (lap->result->verdict == VERDICT_PASSED && lap->pair_count < LAP_PAIRS_MAX) {
        if (grading_progress(lap->g, lap->timing->name, lap->pair_count, 0))
            return error_set(err, ERROR_HARNESS, "interrupted");
        if (lengthen(lap, err) != 0)
            return -1;
        bool time_is_up = lap->pair_count >= PAIRS_FEW && clock_now_ns() > lap->deadline_ns;
        if (lap->result->verdict != VERDICT_PASSED || settled(lap) || time_is_up)
            break;
        bool round_over = lap->pair_count > 0 && lap->pair_count % PAIRS_A_ROUND == 0;
        if (round_over && next_round(lap, err) != 0)
            return -1;
        if (lap->result->verdict != VERDICT_PASSED)
            break;
        if (lap_take_pair(lap, &lap->pair[lap->pair_count], err) != 0)
            return -1;
        lap->pair_count += lap->result->verdict == VERDICT_PASSED;
    }
    return 0;
}

static void describe_speed(struct lap *lap) {
    struct grade_timing *result = lap->result;
    const struct timing_estimate *estimate = &result->estimate;
    const struct machine *machine = &lap->g->grade->machine;
    double seconds = estimate->candidate_ns * 1e-9;
    if (!(seconds > 0))
        return;
    result->gflops = lap->timing->flops / seconds * 1e-9;
    result->gbps = lap->timing->bytes / seconds * 1e-9;
    result->of_roof = machine_of_roof(machine, lap->g->threads, lap->timing->flops, lap->timing->bytes, seconds,
                                      &result->bound_by_memory);
}

/* Each GO is held against the roof, not only the median: one that a machine cannot do was not done. A step of the wall
 * clock may spoil one or two. */
static bool beats_the_roof(const struct lap *lap) {
    const struct machine *machine = &lap->g->grade->machine;
    const double calls = (double)lap->calls, share = 0.05;
    size_t impossible = 0;
    for (size_t i = 0; i < lap->pair_count; i++)
        impossible += machine_impossible(machine, lap->g->threads, lap->timing->flops, lap->timing->bytes,
                                         (double)lap->pair[i].candidate.wall_ns * 1e-9 / calls);
    return impossible > fmax(2, share * (double)lap->pair_count) ||
           machine_impossible(machine, lap->g->threads, lap->timing->flops, lap->timing->bytes,
                              lap->result->estimate.candidate_ns * 1e-9);
}

/* Of this much work a call, in units of 10^9 a second. */
static double fastest_run(const struct lap *lap, double work) {
    double best = 0;
    for (size_t i = 0; i < lap->pair_count; i++)
        best = fmax(best, work * (double)lap->calls / fmax((double)lap->pair[i].candidate.wall_ns, 1));
    return best;
}

static int judge(struct lap *lap, struct error *err) {
    struct grade_timing *result = lap->result;
    struct timing_estimate *estimate = &result->estimate;
    struct timing_account account;
    timing_estimate(lap->pair, lap->pair_count, (unsigned)lap->calls, lap->g->threads, target, estimate);
    timing_check(lap->pair, lap->pair_count, lap->g->threads, &account);
    describe_speed(lap);
    if (result->of_roof > believable_share || beats_the_roof(lap)) {
        if (machine_roof_raise(&lap->g->grade->machine, err) != 0)
            return -1;
        describe_speed(lap);
    }
    if (account.verdict != VERDICT_PASSED) {
        result->verdict = account.verdict;
        snprintf(result->detail, sizeof result->detail, "%s", account.sentence);
    } else if (beats_the_roof(lap)) {
        result->verdict = VERDICT_TAMPERED;
        snprintf(result->detail, sizeof result->detail,
                 "some timed runs were faster than this machine can do the work (up to %.1f GFLOP/s, %.1f GB/s)",
                 fastest_run(lap, lap->timing->flops), fastest_run(lap, lap->timing->bytes));
    } else if (surely_slow(lap, 1)) {
        result->verdict = VERDICT_TOO_SLOW;
    } else if (!estimate->usable) {
        result->verdict = VERDICT_UNSTABLE;
        snprintf(result->detail, sizeof result->detail,
                 "after %zu pairs the ratio is still only known to lie between %.2f "
                 "and %.2f: other work is running on this machine",
                 estimate->pairs, estimate->low, estimate->high);
    }
    return 0;
}

static int time_one(struct grading *g, size_t index, struct oracle *oracle, double budget_s, struct error *err) {
    struct lap *lap = calloc(1, sizeof *lap);
    if (lap == NULL)
        return error_errno(err, "cannot time a case");
    lap->g = g;
    lap->timing = &g->request->spec->timing[index];
    lap->result = &g->grade->timing[index];
    lap->oracle = oracle;
    lap->inputs = lap->outputs[0] = lap->outputs[1] = (struct memory)MEMORY_INIT;
    lap->deadline_ns = clock_now_ns() + (int64_t)(budget_s * 1e9);
    lap->result->verdict = VERDICT_PASSED;
    cores_take(&lap->cores, g->threads);
    int status = lap_open(lap, 1, err);
    if (status == 0)
        status = sample(lap, err);
    /* Judging may measure the roof again, and that needs a core for each of the two as well. */
    cores_release(&lap->cores);
    if (status == 0 && lap->result->verdict == VERDICT_PASSED)
        status = judge(lap, err);
    lap_close(lap);
    free(lap);
    return status;
}

static struct oracle *open_oracle(struct grading *g, struct error *err) {
    const struct spec *spec = g->request->spec;
    const struct spec_case **cases = calloc(spec->timing_count * LAP_FAMILIES_MAX + 1, sizeof *cases);
    size_t count = 0;
    struct oracle *oracle = NULL;
    if (cases == NULL) {
        error_errno(err, "cannot time the cases");
        return NULL;
    }
    for (size_t t = 0; t < spec->timing_count; t++)
        for (size_t f = 0; f < spec->timing[t].family_count && f < LAP_FAMILIES_MAX; f++)
            cases[count++] = &spec->timing[t].family[f];
    struct oracle_setup setup = {.spec = spec,
                                 .pack = &g->pack,
                                 .support = &g->support,
                                 .cases = cases,
                                 .case_count = count,
                                 .cancel = g->request->cancel};
    if (oracle_open(&setup, &oracle, err) != 0)
        oracle = NULL;
    free(cases);
    return oracle;
}

static bool is_about_speed(enum verdict verdict) {
    return verdict == VERDICT_PASSED || verdict == VERDICT_TOO_SLOW || verdict == VERDICT_UNSTABLE;
}

/* Once through the cases that have this verdict, with equal shares of what is left: what a quiet case does not need
 * goes to those after it. A case that shows more than slowness ends the measurement. */
static int time_all(struct grading *g, struct oracle *oracle, enum verdict wanted, int64_t end_ns, struct error *err) {
    size_t count = g->request->spec->timing_count;
    for (size_t i = 0; i < count; i++) {
        struct grade_timing *result = &g->grade->timing[i];
        if (result->verdict != wanted)
            continue;
        double left_s = (double)(end_ns - clock_now_ns()) * 1e-9;
        result->detail[0] = '\0';
        if (time_one(g, i, oracle, fmax(left_s / (double)(count - i), 0.2), err) != 0)
            return -1;
        if (!is_about_speed(result->verdict))
            return 0;
    }
    return 0;
}

int grading_timed(struct grading *g, struct error *err) {
    if (g->request->spec->timing_count == 0)
        return 0;
    double budget_s = g->request->timing_budget_s > 0 ? g->request->timing_budget_s : default_budget_s;
    int64_t end_ns = clock_now_ns() + (int64_t)(budget_s * 1e9);
    int priority = cores_hurry();
    struct oracle *oracle = open_oracle(g, err);
    int status = oracle != NULL ? time_all(g, oracle, VERDICT_SKIPPED, end_ns, err) : -1;
    /* What the quiet cases left of the budget gives the noisy ones a second chance. */
    if (status == 0 && end_ns - clock_now_ns() > second_chance_ns)
        status = time_all(g, oracle, VERDICT_UNSTABLE, end_ns, err);
    oracle_close(oracle);
    cores_calm(priority);
    return status != 0 && grading_cancelled(g) ? 0 : status;
}
