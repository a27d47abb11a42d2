/* SPDX-License-Identifier: MIT */
/* From CPU accounts to trust. A candidate cannot lower the kernel's account of its CPU time, so whatever it does
 * outside the clock shows up as CPU time that the clock did not see; the baseline, in an identical worker, shows how
 * much of that is the price of waking up and parking on this machine today. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "grader/timing_pairs.h"

/* Margins over the baseline. */
static const double idle_ns = 10e3, excess_ns = 15e3, single_excess_ns = 25e3, excess_share = 0.03, cores_share = 0.25,
                    late_ns = 100e3, late_share = 0.1;

/* A rule about single GOs fires when this share of them is hit, and more of the candidate's than of the baseline's by
 * so many standard deviations of a fair coin: what noise does to one side it does to the other. */
static const double hit_share = 0.05, hit_sigmas = 3.5;

/* A rule about medians must be seen in the counts as well, if less clearly: of seven GOs four are a median, and a
 * grader that was preempted four times. Nothing is lost by patience: what is hidden is charged (timing_charge.c). */
static const double median_sigmas = 2.5;

/* Nothing is said about fewer pairs than this, they never make a score; nor about excess from less than a quarter. */
enum { LEAST_PAIRS = 7, CLEAN_QUOTA = 4 };

struct accounts {
    size_t count;                     /* of undisturbed pairs */
    double *candidate, *baseline;     /* excess of each undisturbed GO */
    double candidate_ns, baseline_ns; /* medians of it */
    double honest_ns; /* price of waking and parking: of the baseline's best tenth (a pair counts as clean with a
                       * little preemption in it, or threads that wait a little), at least 0 */
    double window_ns; /* median wall time of the candidate */
    double late_ns, honest_late_ns; /* from DONE until all threads slept: the candidate's median, the baseline's best
                                     * nine tenths */
};

static double excess(const struct timing_side *side, unsigned threads) {
    return timing_cpu(side) - threads * (double)side->wall_ns;
}

/* Preemption makes wall time longer and so hides work, hence only undisturbed pairs are looked at; a pair with hidden
 * work in it never looks disturbed, since its CPU time is too large and not too small. With too few of them (picked
 * by chance for their excess) no rule on it applies; but then the ratio is by CPU time, and hidden work is in that. */
static void fill_accounts(const struct timing_pair *pair, size_t count, unsigned threads, bool *clean,
                          struct accounts *accounts) {
    size_t n = 0;

    accounts->count = timing_mark_clean(pair, count, threads, clean);
    if (accounts->count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        if (clean[i])
            accounts->candidate[n++] = (double)pair[i].candidate.wall_ns;
    accounts->window_ns = timing_percentile(accounts->candidate, n, 0.5);
    n = 0;
    for (size_t i = 0; i < count; i++) {
        if (!clean[i])
            continue;
        accounts->candidate[n] = excess(&pair[i].candidate, threads);
        accounts->baseline[n++] = excess(&pair[i].baseline, threads);
    }
    accounts->candidate_ns = timing_percentile(accounts->candidate, n, 0.5);
    accounts->baseline_ns = timing_percentile(accounts->baseline, n, 0.5);
    accounts->honest_ns = fmax(timing_percentile(accounts->baseline, n, 0.9), 0);
}

static void fill_lateness(const struct timing_pair *pair, size_t count, const bool *clean, struct accounts *accounts) {
    double *candidate = malloc(2 * count * sizeof *candidate), *baseline = candidate + count;
    size_t n = 0;

    for (size_t i = 0; candidate != NULL && i < count; i++)
        if (clean[i]) {
            candidate[n] = (double)pair[i].candidate.late_ns;
            baseline[n++] = (double)pair[i].baseline.late_ns;
        }
    if (n > 0) {
        accounts->late_ns = timing_percentile(candidate, n, 0.5);
        accounts->honest_late_ns = timing_percentile(baseline, n, 0.9);
    }
    free(candidate);
}

static bool clearly_more(size_t candidate, size_t baseline, double sigmas) {
    const double more = (double)candidate - (double)baseline, both = (double)candidate + (double)baseline;

    return more > sigmas * sqrt(both);
}

static bool too_often(size_t candidate, size_t baseline, size_t count) {
    return (double)candidate > hit_share * (double)count && clearly_more(candidate, baseline, hit_sigmas);
}

/* The candidate's undisturbed GOs have more excess than this as a rule, and the baseline's have not. */
static bool is_rule(const struct accounts *accounts, double limit) {
    size_t candidate = 0, baseline = 0;

    for (size_t i = 0; i < accounts->count; i++) {
        candidate += accounts->candidate[i] > limit;
        baseline += accounts->baseline[i] > limit;
    }
    return clearly_more(candidate, baseline, median_sigmas);
}

static bool works_while_parked(const struct timing_pair *pair, size_t count, struct timing_account *account) {
    size_t candidate = 0, baseline = 0;
    double worst = 0;

    for (size_t i = 0; i < count; i++) {
        candidate += (double)pair[i].candidate.idle_ns > idle_ns;
        baseline += (double)pair[i].baseline.idle_ns > idle_ns;
        worst = fmax(worst, (double)pair[i].candidate.idle_ns);
    }
    const bool mostly = 2 * candidate > count && clearly_more(candidate, baseline, median_sigmas);

    if (!too_often(candidate, baseline, count) && !mostly)
        return false;
    snprintf(account->sentence, sizeof account->sentence,
             "It worked while it had to be parked: before %zu of %zu timed runs, for up to %.0f us of CPU time.",
             candidate, count, worst / 1e3);
    return true;
}

static bool uses_more_cores(const struct accounts *accounts, unsigned threads, struct timing_account *account) {
    const double window = threads * accounts->window_ns;
    const double hidden = accounts->candidate_ns - accounts->honest_ns;

    const double least = fmax(cores_share * window, excess_ns * threads);

    if (!(hidden > least) || !is_rule(accounts, accounts->honest_ns + least))
        return false;
    snprintf(account->sentence, sizeof account->sentence,
             "It took %.1f times the measured time in CPU time: it used more cores than the %u allowed, or went on "
             "working after it had returned.",
             (accounts->candidate_ns + window) / accounts->window_ns, threads);
    return true;
}

static bool hides_work(const struct accounts *accounts, unsigned threads, struct timing_account *account) {
    const double share = excess_share * accounts->window_ns;
    const double margin = threads * fmax(excess_ns, share);
    const double single = accounts->honest_ns + threads * fmax(single_excess_ns, share);
    const double hidden = accounts->candidate_ns - accounts->honest_ns;
    size_t candidate = 0, baseline = 0;

    if (hidden > margin && is_rule(accounts, accounts->honest_ns + margin)) {
        snprintf(account->sentence, sizeof account->sentence,
                 "%.0f us of work in each timed run lie outside the clock; the reference has %.0f us.",
                 accounts->candidate_ns / 1e3, accounts->baseline_ns / 1e3);
        return true;
    }
    for (size_t i = 0; i < accounts->count; i++) {
        candidate += accounts->candidate[i] > single;
        baseline += accounts->baseline[i] > single;
    }
    if (!too_often(candidate, baseline, accounts->count))
        return false;
    snprintf(account->sentence, sizeof account->sentence,
             "In %zu of %zu timed runs work lies outside the clock (more than %.0f us); of the reference's in %zu.",
             candidate, accounts->count, single / 1e3, baseline);
    return true;
}

static bool works_behind_done(const struct accounts *accounts, unsigned threads, struct timing_account *account) {
    const double margin = fmax(late_ns, late_share * accounts->window_ns);

    if (threads == 1 || !(accounts->late_ns > accounts->honest_late_ns + margin))
        return false;
    snprintf(account->sentence, sizeof account->sentence,
             "Its threads went on working for %.0f us after it had said that it was done; the reference's for %.0f us.",
             accounts->late_ns / 1e3, accounts->honest_late_ns / 1e3);
    return true;
}

void timing_check(const struct timing_pair *pair, size_t count, unsigned threads, struct timing_account *account) {
    struct accounts accounts = {0};
    bool *clean, guilty;

    assert(threads > 0);
    *account = (struct timing_account){.verdict = VERDICT_PASSED};
    if (count == 0)
        return;
    clean = malloc(count * sizeof *clean);
    accounts.candidate = malloc(count * sizeof *accounts.candidate);
    accounts.baseline = malloc(count * sizeof *accounts.baseline);
    if (clean && accounts.candidate && accounts.baseline) {
        fill_accounts(pair, count, threads, clean, &accounts);
        fill_lateness(pair, count, clean, &accounts);
        account->excess_ns = accounts.candidate_ns;
        account->baseline_excess_ns = accounts.baseline_ns;
        guilty = count >= LEAST_PAIRS && works_while_parked(pair, count, account);
        if (!guilty && accounts.count >= LEAST_PAIRS && CLEAN_QUOTA * accounts.count >= count)
            guilty = uses_more_cores(&accounts, threads, account) || hides_work(&accounts, threads, account) ||
                     works_behind_done(&accounts, threads, account);
        if (guilty)
            account->verdict = VERDICT_TAMPERED;
    }
    free(clean);
    free(accounts.candidate);
    free(accounts.baseline);
}
