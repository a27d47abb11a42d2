/* SPDX-License-Identifier: MIT */
/* Where the harness's own parts are: relative to the running executable, which holds in the build tree as in an
 * installed one; a program that runs from elsewhere in the build tree (a test) falls back to the build's own places. */
#ifndef GRADER_LOCATE_H
#define GRADER_LOCATE_H

#include <stdbool.h>

#include "grader/error.h"

enum { LOCATE_PATH = 512 };

struct locate_parts {
    char worker[LOCATE_PATH];
    char archive_f32[LOCATE_PATH], archive_f64[LOCATE_PATH]; /* the reference library, both precisions */
    char include[LOCATE_PATH];                               /* root of "reference/real.h" */
    char challenges[LOCATE_PATH];                            /* the packs that came with it */
    char roof[LOCATE_PATH]; /* shared object with the kernels that measure the machine */
};

/* The folder of the data sets that came with it; false when there is none. */
bool locate_datasets(char path[LOCATE_PATH]);

/* The program that unpacks archives, which only whoever has an archive needs. */
int locate_unpacker(char path[LOCATE_PATH], struct error *err);

/* Fails when one of them is missing, and says how to get it. */
int locate_find(struct locate_parts *parts, struct error *err);

#endif
