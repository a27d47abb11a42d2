/* SPDX-License-Identifier: MIT */
/* A folder of its own with two challenges in it, for tests of what goes on before and after many gradings. */
#ifndef TESTS_HARNESS_BATCH_PLACE_H
#define TESTS_HARNESS_BATCH_PLACE_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/scratch.h"
#include "harness/batch/submission.h"

static char place_folder[64];
static struct error place_error;
static struct packs place_packs;

/* Writes a file, and the folders on the way to it. */
static inline void place_put(const char *path, const char *text) {
    char folder[600];
    snprintf(folder, sizeof folder, "%s", path);
    for (char *at = strchr(folder + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        mkdir(folder, 0755);
        *at = '/';
    }
    FILE *file = fopen(path, "w");
    ck_assert_msg(file != NULL, "%s", path);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

static inline void place_open(void) {
    char *roots[] = {(char *)"packs"};
    snprintf(place_folder, sizeof place_folder, "/tmp/harness-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(place_folder));
    ck_assert_int_eq(chdir(place_folder), 0);
    unsetenv("HARNESS_PATH");
    setenv("TMPDIR", place_folder, 1);
    place_put("packs/test-scale/challenge.json", "{}");
    place_put("packs/test-pair/challenge.json", "not even JSON");
    ck_assert_msg(packs_find(roots, 1, &place_packs, &place_error) == 0, "%s", place_error.text);
}

static inline void place_close(void) {
    packs_release(&place_packs);
    ck_assert_int_eq(chdir("/"), 0);
    scratch_remove_tree(place_folder);
}

static inline void place_find(const char *argument, struct submissions *list) {
    char *arguments[] = {(char *)argument};
    ck_assert_msg(submissions_find(&place_packs, arguments, 1, NULL, list, &place_error) == 0, "%s", place_error.text);
}

/* The task, which has to be there. */
static inline const struct submission *place_task(const struct submissions *list, const char *task) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->item[i].task, task) == 0)
            return &list->item[i];
    for (size_t i = 0; i < list->count; i++)
        fprintf(stderr, "there is %s (%s)\n", list->item[i].task,
                list->item[i].problem != NULL ? list->item[i].problem : "fine");
    ck_abort_msg("there is no task %s among %zu", task, list->count);
    return NULL;
}

static inline bool place_noted(const struct submissions *list, const char *words) {
    for (size_t i = 0; i < list->note_count; i++)
        if (strstr(list->note[i], words) != NULL)
            return true;
    return false;
}

static inline int place_run(TCase *tests, const char *name) {
    Suite *suite = suite_create(name);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

#endif
