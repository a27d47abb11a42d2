/* SPDX-License-Identifier: MIT */
/* How far apart are right and wrong? For each pack given: the float32 references' own error, the share of the tolerance
 * that the worst accepted solution uses, and for every wrong one the largest multiple of the tolerance it reaches in
 * any case. The rule is sound when the accepted stay far below 1 and the smallest rejected mutant far above. A figure
 * to record.
 *
 *   build/tests/bench_separation challenges/attention-causal ...      (from the root of the source tree) */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/grade.h"
#include "grader/prove/edit.h"
#include "grader/scratch.h"

enum { PATH_BYTES = 1024 };

struct tally {
    double reference_low, reference_high; /* r_ref over all outputs of all cases */
    double accepted;                      /* largest share of tolerance of any accepted solution */
    double rejected; /* smallest best-case multiple among the wrong ones that are numerically wrong */
    char accepted_name[300], rejected_name[300];
    int accepted_count, rejected_count;
};

/* The largest share over all outputs of all cases that returned at all. */
static double largest_share(const struct grade *grade, struct tally *tally) {
    double used = 0;
    for (size_t i = 0; i < grade->case_count; i++)
        for (size_t o = 0; o < grade->cases[i].output_count; o++) {
            const struct compare_result *result = &grade->cases[i].output[o].result;
            const double reference = result->bound.reference_ratio;
            used = fmax(used, isnan(result->used) ? INFINITY : result->used);
            tally->reference_low = fmin(tally->reference_low, reference);
            tally->reference_high = fmax(tally->reference_high, reference);
        }
    return used;
}

static void note(struct tally *tally, const char *name, bool accepted, double used) {
    double *extreme = accepted ? &tally->accepted : &tally->rejected;
    char *who = accepted ? tally->accepted_name : tally->rejected_name;
    if (accepted ? used > *extreme : used < *extreme) {
        *extreme = used;
        snprintf(who, sizeof tally->accepted_name, "%s", name);
    }
    *(accepted ? &tally->accepted_count : &tally->rejected_count) += 1;
}

/* What is written as edits of another file is made first, in the place of `path`. */
static bool make_edit(const struct scratch *scratch, char *path, size_t size) {
    struct edit edit;
    struct error err;
    if (!edit_is(path))
        return true;
    bool made = edit_read(path, &edit, &err) == 0;
    if (made) {
        made = edit_write(&edit, scratch->path, path, size, &err) == 0;
        edit_release(&edit);
    }
    if (!made)
        printf("  %s\n", err.text);
    return made;
}

static void grade_one(const struct spec *spec, const char *folder, const char *name, const struct scratch *scratch,
                      struct tally *tally) {
    const bool accepted = strncmp(name, "accepted_", 9) == 0;
    char path[PATH_BYTES];
    if (!accepted && strncmp(name, "wrong_", 6) != 0)
        return;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!edit_is_solution(name) || !make_edit(scratch, path, sizeof path))
        return;
    const struct grade_request request = {.spec = spec, .file = path, .seed = 1, .require = SANDBOX_D};
    struct grade *grade = NULL;
    struct error err;
    if (grade_run(&request, &grade, &err) != 0) {
        printf("  %-34s %s\n", name, err.text);
        return;
    }
    const double used = largest_share(grade, tally);
    printf("  %-34s %-17s %10.3g of its tolerance at most\n", name, verdict_code(grade->verdict), used);
    note(tally, name, accepted, used);
    grade_free(grade);
}

static void measure_pack(const char *pack) {
    struct tally tally = {.reference_low = INFINITY, .rejected = INFINITY};
    struct spec *spec = NULL;
    struct scratch scratch;
    struct error err;
    struct dirent **entry = NULL;
    char folder[PATH_BYTES - 300];
    if (scratch_open(&scratch, &err) != 0 || spec_load(pack, &spec, &err) != 0) {
        printf("%s\n", err.text);
        scratch_release(&scratch);
        return;
    }
    printf("%s\n", spec->id);
    snprintf(folder, sizeof folder, "%s/solutions", pack);
    const int count = scandir(folder, &entry, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        grade_one(spec, folder, entry[i]->d_name, &scratch, &tally);
        free(entry[i]);
    }
    free(entry);
    printf("  = reference ratio %.3g .. %.3g; worst of %d accepted %.3g (%s); smallest of %d rejected %.3g (%s)\n",
           tally.reference_low, tally.reference_high, tally.accepted_count, tally.accepted, tally.accepted_name,
           tally.rejected_count, tally.rejected, tally.rejected_name);
    scratch_release(&scratch);
    spec_free(spec);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        measure_pack(argv[i]);
    return argc > 1 ? 0 : 2;
}
