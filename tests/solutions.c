/* SPDX-License-Identifier: MIT */
/* Grades every file in the solutions/ folder of a pack, as `harness check` does, and nothing else: packs of the tests
 * need not be proven in every way. Prints a table; exits with 1 if a file gets another verdict than it promises, or
 * fails other gates.
 *
 *   solutions PACK [WORD]     only files whose name holds WORD */
#include <stdio.h>
#include <string.h>

#include "grader/prove/prove.h"

static void print_row(const struct prove_solution *row) {
    const bool right = prove_solution_kept(row);
    printf("%-34s %-4s %-17s", row->name, right ? "ok" : "BAD", verdict_code(row->expected));
    if (row->got != row->expected)
        printf(" but %s", row->got == VERDICT_COUNT ? "error" : verdict_code(row->got));
    if (row->ratio > 0)
        printf("  %.2fx", row->ratio);
    printf("  %s\n", row->detail);
}

/* Of the other files only what is said about solutions counts: they promise nothing, or cannot be made. */
static size_t print_findings(const struct prove_step *step) {
    static const char folder[] = "solutions/";
    size_t failed = 0;
    for (size_t i = 0; i < step->finding_count; i++) {
        const struct prove_finding *finding = &step->finding[i];
        const bool about_file = strncmp(finding->place, folder, strlen(folder)) == 0 && strcmp(finding->place, folder);
        if (finding->state != PROVE_FAILED || !about_file)
            continue;
        printf("%s: %s; %s\n", finding->place, finding->what, finding->remedy);
        failed++;
    }
    return failed;
}

int main(int argc, char **argv) {
    struct prove_report *report = NULL;
    struct error err;
    const struct prove_request request = {.directory = argc > 1 ? argv[1] : "",
                                          .seed = 20240607,
                                          .timing = true,
                                          .word = argc > 2 ? argv[2] : "",
                                          .require = SANDBOX_D,
                                          .at_most = SANDBOX_A};
    if (argc < 2 || prove_run(&request, &report, &err) != 0) {
        fprintf(stderr, "%s\n", argc < 2 ? "usage: solutions PACK [WORD]" : err.text);
        return 2;
    }
    size_t right = 0;
    for (size_t i = 0; i < report->solution_count; i++) {
        print_row(&report->solution[i]);
        right += prove_solution_kept(&report->solution[i]);
    }
    const size_t graded = report->solution_count;
    size_t unsound = print_findings(&report->step[PROVE_FILES]);
    unsound += print_findings(&report->step[PROVE_SOLUTIONS]);
    if (report->id == NULL)
        printf("%s cannot be read: %s\n", argv[1], report->step[PROVE_FILES].finding[0].what);
    else
        printf("%s: %zu of %zu files did what they promise\n", report->id, right, graded);
    prove_free(report);
    return graded == 0 || right != graded || unsound != 0;
}
