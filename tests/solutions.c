/* SPDX-License-Identifier: MIT */
/* Grades every file in the solutions/ folder of a pack and compares each verdict with the one that its first line
 * promises: `// expect: <code>`. Prints a table; exits with 1 if any differs.
 *
 *   solutions PACK [WORD]     only files whose name holds WORD
 *
 * The speed is measured where it is part of the promise (passed, too_slow) and where the correctness cases found
 * nothing: a cheat may show only there. `unstable` is the machine's verdict and not the file's: one more grading, with
 * a larger budget, may do better. */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/grade.h"
#include "grader/spec.h"

enum { PATH_BYTES = 1024 };

static const double budget_s = 8, second_budget_s = 20;

static enum verdict expected_of(const char *path) {
    char code[64] = "";
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return VERDICT_COUNT;
    const int got = fscanf(file, "// expect: %63s", code);
    fclose(file);
    return got == 1 ? verdict_from_code(code) : VERDICT_COUNT;
}

/* The verdict of the file, or VERDICT_COUNT with the sentence in `detail`. */
static enum verdict grade_once(const struct spec *spec, const char *path, double timing_s, char *detail, size_t size) {
    const struct grade_request request = {.spec = spec,
                                          .file = path,
                                          .seed = 20240607,
                                          .timing = timing_s > 0,
                                          .timing_budget_s = timing_s,
                                          .require = SANDBOX_D,
                                          .at_most = SANDBOX_A};
    struct grade *grade = NULL;
    struct error err = {0};

    if (grade_run(&request, &grade, &err) != 0) {
        snprintf(detail, size, "%s", err.text);
        return VERDICT_COUNT;
    }
    const enum verdict verdict = grade->verdict;
    const char *where = "";
    if (grade->decided_by == GRADE_CORRECT && grade->deciding < grade->case_count)
        where = grade->cases[grade->deciding].name;
    else if (grade->decided_by == GRADE_SPEED && grade->deciding < grade->timing_count)
        where = grade->timing[grade->deciding].name;
    if (verdict == VERDICT_PASSED && grade->timing_count > 0)
        snprintf(detail, size, "%.2fx", grade->ratio);
    else if (verdict == VERDICT_COMPILE_ERROR && grade->build.diagnostics.count > 0)
        snprintf(detail, size, "%.200s", grade->build.diagnostics.item[0].message);
    else
        snprintf(detail, size, "%s%s%.200s", where, grade->detail[0] != '\0' ? ": " : "", grade->detail);
    grade_free(grade);
    return verdict;
}

static enum verdict grade_file(const struct spec *spec, const char *path, bool timing, char *detail, size_t size) {
    enum verdict verdict = grade_once(spec, path, timing ? budget_s : 0, detail, size);

    for (int again = 0; verdict == VERDICT_UNSTABLE && again < 2; again++)
        verdict = grade_once(spec, path, second_budget_s, detail, size);
    return verdict;
}

static bool check_file(const struct spec *spec, const char *folder, const char *name) {
    char path[PATH_BYTES], detail[1200] = "";

    snprintf(path, sizeof path, "%s/%s", folder, name);
    const enum verdict expected = expected_of(path);
    if (expected == VERDICT_COUNT) {
        printf("%-34s  its first line is not `// expect: <verdict>`\n", name);
        return false;
    }
    const bool about_speed = expected == VERDICT_PASSED || expected == VERDICT_TOO_SLOW;
    enum verdict seen = grade_file(spec, path, about_speed, detail, sizeof detail);
    if (seen == VERDICT_PASSED && !about_speed)
        seen = grade_file(spec, path, true, detail, sizeof detail);
    const bool right = seen == expected;
    printf("%-34s %-4s %-17s", name, right ? "ok" : "BAD", verdict_code(expected));
    if (!right)
        printf(" but %s", seen == VERDICT_COUNT ? "error" : verdict_code(seen));
    printf("  %s\n", detail);
    fflush(stdout);
    return right;
}

static int is_source(const struct dirent *entry) {
    const size_t length = strlen(entry->d_name);

    return entry->d_name[0] != '.' && length > 2 && strcmp(entry->d_name + length - 2, ".c") == 0;
}

int main(int argc, char **argv) {
    struct spec *spec = NULL;
    struct error err = {0};
    struct dirent **entry = NULL;
    char folder[PATH_BYTES - 256];
    int checked = 0, wrong = 0;

    if (argc < 2 || spec_load(argv[1], &spec, &err) != 0) {
        fprintf(stderr, "%s\n", argc < 2 ? "usage: solutions PACK [WORD]" : err.text);
        return 2;
    }
    snprintf(folder, sizeof folder, "%s/solutions", argv[1]);
    const int count = scandir(folder, &entry, is_source, alphasort);
    for (int i = 0; i < count; i++) {
        if (argc < 3 || strstr(entry[i]->d_name, argv[2]) != NULL) {
            checked++;
            wrong += !check_file(spec, folder, entry[i]->d_name);
        }
        free(entry[i]);
    }
    free(entry);
    printf("%s: %d of %d files got the verdict they promise\n", spec->id, checked - wrong, checked);
    spec_free(spec);
    return checked == 0 || wrong != 0;
}
