/* SPDX-License-Identifier: MIT */
/* The solutions of a pack, each held to the verdict that its first line promises, and what their gradings say about the
 * limits. The speed is measured where it is part of the promise (passed, too_slow) and where the correctness cases
 * found nothing: a cheat may show only there. `unstable` is the machine's verdict and not the file's: a longer grading
 * may do better. */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/prove/edit.h"
#include "grader/prove/proof.h"

enum { MORE_TRIES = 2, PATH_BYTES = 1024 };

static const double budget_s = 8, later_budget_s = 20;
static const double strong_ratio = 1.2; /* a solution that much faster than the baseline shows it to be weak */
static const double margin_share = 0.9, noise_share = 0.5, noise_factor = 2;

static bool is_about_speed(enum verdict verdict) {
    return verdict == VERDICT_PASSED || verdict == VERDICT_TOO_SLOW;
}

static int grade_patiently(const struct proof *proof, const char *path, bool timing, struct prove_solution *row,
                           struct error *err) {
    const double first_s = proof->request->timing_budget_s > 0 ? proof->request->timing_budget_s : budget_s;
    int status = proof_grade(proof, path, timing ? first_s : 0, row, err);
    for (int again = 0; status == 0 && row->got == VERDICT_UNSTABLE && again < MORE_TRIES; again++)
        status = proof_grade(proof, path, later_budget_s, row, err);
    return status;
}

static int grade_solution(const struct proof *proof, const char *path, struct prove_solution *row, struct error *err) {
    const bool timing = proof->request->timing && proof->spec->timing_count > 0;
    const bool promised = is_about_speed(row->expected);
    int status = grade_patiently(proof, path, timing && promised, row, err);
    if (status == 0 && timing && !promised && row->got == VERDICT_PASSED)
        status = grade_patiently(proof, path, true, row, err);
    return status;
}

static int is_source(const struct dirent *entry) {
    return edit_is_solution(entry->d_name);
}

static void judge_row(const struct proof *proof, struct prove_step *step, const struct prove_solution *row) {
    const bool untimed = !proof->request->timing && row->expected == VERDICT_TOO_SLOW && row->got == VERDICT_PASSED;
    const bool late = !proof->request->timing && row->got == VERDICT_PASSED && strncmp(row->name, "cheat_", 6) == 0;
    if (row->got == row->expected && row->ratio > strong_ratio) {
        char *place = proof_text("solutions/%s", row->name);
        char *what = proof_text("it is %.2f times as fast as the baseline", row->ratio);
        proof_find(step, PROVE_NOTED, place, what, "make reference.c faster: a weak baseline makes a weak challenge");
        free(what);
        free(place);
    }
    char *place = proof_text("solutions/%s", row->name);
    proof_gates_judge(proof->spec, step, place, row);
    if (row->got == row->expected) {
        free(place);
        return;
    }
    char *what = proof_text("it promises %s and gets %s%s%s", verdict_code(row->expected),
                            row->got < VERDICT_COUNT ? verdict_code(row->got) : "no verdict",
                            row->detail[0] != '\0' ? ": " : "", row->detail);
    if (untimed || late)
        proof_find(step, PROVE_NOTED, place, "its promise is about speed, which was not measured",
                   "leave --no-timing out");
    else if (row->got == VERDICT_UNSTABLE)
        proof_find(step, PROVE_FAILED, place, what, "try again on a quieter machine, or make the timed case longer");
    else if (row->got == VERDICT_PASSED)
        proof_find(step, PROVE_FAILED, place, what, "add a case, or choose inputs, in which this mistake shows");
    else
        proof_find(step, PROVE_FAILED, place, what,
                   "mend the solution or its first line; if it is right, the tolerance or the reference is wrong");
    free(what);
    free(place);
}

static void keep_extremes(struct prove_report *report, const struct prove_solution *row) {
    const bool rejected_by_numbers = row->got == VERDICT_WRONG_ANSWER && row->used > 1;
    if (row->got == VERDICT_PASSED && row->expected == VERDICT_PASSED) {
        report->accepted_used = fmax(report->accepted_used, row->used);
        report->best_ratio = fmax(report->best_ratio, row->ratio);
    } else if (rejected_by_numbers && (report->weakest_rejection == 0 || row->used < report->weakest_rejection)) {
        report->weakest_rejection = row->used;
    }
}

static bool can_be_made(const char *path) {
    struct edit edit;
    if (!edit_is(path))
        return true;
    const bool made = edit_read(path, &edit, NULL) == 0;
    if (made)
        edit_release(&edit);
    return made;
}

static int prove_files_of(struct proof *proof, struct prove_step *step, struct dirent **entry, size_t count,
                          struct error *err) {
    struct prove_report *report = proof->report;
    for (size_t i = 0; i < count; i++) {
        struct prove_solution *row = &report->solution[report->solution_count];
        char path[PATH_BYTES];
        if (proof_progress(proof, step, i, count))
            return 0;
        if (proof->request->word != NULL && strstr(entry[i]->d_name, proof->request->word) == NULL)
            continue;
        snprintf(path, sizeof path, "%s/solutions/%s", proof->spec->directory, entry[i]->d_name);
        snprintf(row->name, sizeof row->name, "%.127s", entry[i]->d_name);
        row->expected = proof_promise(path);
        proof_gates_read(proof->spec, path, row);
        row->got = VERDICT_COUNT;
        if (row->expected == VERDICT_COUNT || !can_be_made(path)) /* PROVE_FILES has said so */
            continue;
        if (grade_solution(proof, path, row, err) != 0) {
            if (err->owner == ERROR_HARNESS)
                return -1;
            snprintf(row->detail, sizeof row->detail, "%.399s", err->text);
        }
        report->solution_count++;
        judge_row(proof, step, row);
        keep_extremes(report, row);
    }
    return 0;
}

static void summarise(const struct prove_report *report, struct prove_step *step) {
    size_t right = 0, promise = 0, kept = 0;
    for (size_t i = 0; i < report->solution_count; i++) {
        const struct prove_solution *row = &report->solution[i];
        right += row->got == row->expected;
        promise += row->promises_gates;
        kept += row->promises_gates && prove_gates_kept(row);
    }
    snprintf(step->summary, sizeof step->summary, "%zu of %zu files get the verdict they promise", right,
             report->solution_count);
    const size_t used = strlen(step->summary);
    if (promise > 0)
        snprintf(step->summary + used, sizeof step->summary - used, "; %zu of %zu fail the gates they promise", kept,
                 promise);
}

int proof_solutions(struct proof *proof, struct prove_step *step, struct error *err) {
    struct prove_report *report = proof->report;
    struct dirent **entry = NULL;
    char folder[PATH_BYTES - 300];
    snprintf(folder, sizeof folder, "%s/solutions", proof->spec->directory);
    const int count = scandir(folder, &entry, is_source, alphasort);
    report->solution = calloc((size_t)(count > 0 ? count : 0) + 1, sizeof *report->solution);
    int status = report->solution == NULL ? error_errno(err, "cannot list %s", folder)
                                          : prove_files_of(proof, step, entry, count > 0 ? (size_t)count : 0, err);
    for (int i = 0; i < count; i++)
        free(entry[i]);
    free(entry);
    summarise(report, step);
    return status;
}

int proof_margin(struct proof *proof, struct prove_step *step, struct error *err) {
    (void)err;
    const struct prove_report *report = proof->report;
    for (size_t i = 0; i < report->solution_count; i++) {
        const struct prove_solution *row = &report->solution[i];
        if (row->expected != VERDICT_PASSED || row->got != VERDICT_PASSED || row->used < margin_share)
            continue;
        char *place = proof_text("solutions/%s", row->name);
        char *what =
            proof_text("it uses %.0f %% of the tolerance; %.0f %% is the most", 100 * row->used, 100 * margin_share);
        proof_find(step, PROVE_FAILED, place, what,
                   "if the solution is good, the gauge leaves out a term; compare it with the error analysis");
        free(what);
        free(place);
    }
    snprintf(step->summary, sizeof step->summary, "accepted solutions use at most %.2g %% of the tolerance",
             100 * report->accepted_used);
    return 0;
}

struct limit { /* what is too near to a limit, and what to do */
    bool near;
    const char *what, *remedy;
};

static void judge_noise(const struct proof *proof, struct prove_step *step, const struct prove_solution *row) {
    const double zero = proof->spec->ratio_zero;
    const bool accepted = row->expected == VERDICT_PASSED && row->got == VERDICT_PASSED;
    const bool wrong = row->expected == VERDICT_WRONG_ANSWER && row->got == VERDICT_WRONG_ANSWER && row->used > 1;
    const bool slow = row->expected == VERDICT_TOO_SLOW && row->got == VERDICT_TOO_SLOW;
    const struct limit limits[] = {
        {accepted && row->used > noise_share, "accepted, but not with half the tolerance",
         "choose inputs on which good code loses less, or look for a term that the gauge lacks"},
        {accepted && row->ratio > 0 && row->ratio < noise_factor * zero, "accepted, but not with twice the speed limit",
         "make the solution faster, or lower \"zero\""},
        {accepted && row->call_share > noise_share, "accepted, but not with half of call_ms", "raise call_ms"},
        {wrong && row->used < noise_factor, "rejected, but not with twice the tolerance",
         "add inputs on which the mistake is larger"},
        {slow && row->slowest > zero / noise_factor, "too slow, but not with half the speed limit",
         "make the slow solution slower, or raise \"zero\""},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        if (!limits[i].near)
            continue;
        char *place = proof_text("solutions/%s", row->name);
        proof_find(step, PROVE_FAILED, place, limits[i].what, limits[i].remedy);
        free(place);
    }
}

int proof_noise(struct proof *proof, struct prove_step *step, struct error *err) {
    (void)err;
    for (size_t i = 0; i < proof->report->solution_count; i++)
        judge_noise(proof, step, &proof->report->solution[i]);
    snprintf(step->summary, sizeof step->summary,
             "the same verdicts with tolerance, speed and time at half and double");
    return 0;
}
