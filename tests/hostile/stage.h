/* SPDX-License-Identifier: MIT */
/* A folder that anybody can read, with copies of all that a grading needs, since an ordinary user may be unable to read
 * the build tree: this program, the harness's parts in the places where it looks for them, the corpus and the packs.
 *
 *   bin/hostile libexec/ lib/ share/    as in an install tree
 *   corpus/ packs/                      what is graded
 *   runs/                               whatever is written: open to all */
#ifndef TESTS_HOSTILE_STAGE_H
#define TESTS_HOSTILE_STAGE_H

#include "grader/error.h"

enum { STAGE_PATH = 64 };

int stage_make(const char *corpus, const char *packs, char stage[STAGE_PATH], struct error *err);
void stage_remove(const char *stage);

#endif
