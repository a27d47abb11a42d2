/* SPDX-License-Identifier: MIT */
#include "grader/locate.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness_paths.h"

struct locate_row {
    const char *what;
    const char *relative; /* to the folder of the executable */
    size_t offset;        /* in struct locate_parts */
};

static const struct locate_row rows[] = {
    {"the worker program", HARNESS_TO_WORKER, offsetof(struct locate_parts, worker)},
    {"the float32 reference library", HARNESS_TO_ARCHIVE_F32, offsetof(struct locate_parts, archive_f32)},
    {"the float64 reference library", HARNESS_TO_ARCHIVE_F64, offsetof(struct locate_parts, archive_f64)},
    {"the reference headers", HARNESS_TO_INCLUDE, offsetof(struct locate_parts, include)},
    {"the challenges", HARNESS_TO_CHALLENGES, offsetof(struct locate_parts, challenges)},
    {"the roof kernels", HARNESS_TO_ROOF, offsetof(struct locate_parts, roof)},
};

static int find_in(const char *folder, struct locate_parts *parts, const char **missing) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[2 * LOCATE_PATH];
        snprintf(path, sizeof path, "%s/%s", folder, rows[i].relative);
        char *real = realpath(path, NULL);
        *missing = rows[i].what;
        if (real == NULL || strlen(real) >= LOCATE_PATH) {
            free(real);
            return -1;
        }
        strcpy((char *)parts + rows[i].offset, real);
        free(real);
    }
    return 0;
}

/* The folder of the running program; false when it is not known. */
static bool find_self(char self[LOCATE_PATH]) {
    ssize_t length = readlink("/proc/self/exe", self, LOCATE_PATH - 1);
    if (length <= 0)
        return false;
    self[length] = '\0';
    *strrchr(self, '/') = '\0';
    return true;
}

/* Beside the program, or where the build has it. */
static bool find_one(const char *relative, char path[LOCATE_PATH]) {
    char self[LOCATE_PATH];
    const char *const folder[] = {find_self(self) ? self : HARNESS_BUILD_BIN, HARNESS_BUILD_BIN};
    for (size_t i = 0; i < 2; i++) {
        char whole[2 * LOCATE_PATH];
        snprintf(whole, sizeof whole, "%s/%s", folder[i], relative);
        char *real = realpath(whole, NULL);
        bool found = real != NULL && strlen(real) < LOCATE_PATH;
        if (found)
            strcpy(path, real);
        free(real);
        if (found)
            return true;
    }
    return false;
}

static int fail_missing(const char *missing, struct error *err) {
    return error_set(err, ERROR_HARNESS,
                     "%s cannot be found beside the program or in %s; build or install the harness again", missing,
                     HARNESS_BUILD_BIN);
}

bool locate_datasets(char path[LOCATE_PATH]) {
    return find_one(HARNESS_TO_DATASETS, path);
}

int locate_unpacker(char path[LOCATE_PATH], struct error *err) {
    return find_one(HARNESS_TO_UNPACKER, path) ? 0 : fail_missing("the program that unpacks archives", err);
}

int locate_find(struct locate_parts *parts, struct error *err) {
    char self[LOCATE_PATH];
    const char *missing = NULL;
    if (find_self(self) && find_in(self, parts, &missing) == 0)
        return 0;
    if (find_in(HARNESS_BUILD_BIN, parts, &missing) == 0)
        return 0;
    return fail_missing(missing, err);
}
