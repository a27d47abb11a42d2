/* SPDX-License-Identifier: MIT */
/* Where a program is graded: as whom, under which level of the sandbox, and whether inside something like a container.
 * Each place is a column of the matrix. */
#ifndef TESTS_HOSTILE_PLACE_H
#define TESTS_HOSTILE_PLACE_H

#include <stdbool.h>

#include "grader/error.h"
#include "grader/sandbox/sandbox.h"

/* As whom and inside what: a property of a whole process, so the processes that grade are of one kind each. */
enum place_kind { PLACE_ROOT, PLACE_ROOT_CONTAINER, PLACE_USER, PLACE_USER_CONTAINER, PLACE_KINDS };

enum { PLACES = 10 };

struct place {
    const char *name;   /* "root-A", "user-container" */
    const char *column; /* "rA", "uK" */
    enum place_kind kind;
    enum sandbox_level at_most;
    struct sandbox_support support;
    bool offered, timed; /* timed: speed is measured here */
    char why[240];       /* it is not offered */
};

/* Fills the table with what this machine offers to this caller. */
int places_probe(struct place place[PLACES], struct error *err);

/* "root-A" and so on; the machine may not offer it. */
bool place_exists(const char *name);

const char *place_kind_name(enum place_kind kind);
bool place_kind_is_root(enum place_kind kind);

/* Turns the calling process into one of that kind, for good. Returns false with errno. */
bool place_enter(enum place_kind kind);

/* Puts the caller, and all that it starts, where a container's default profile would put it: system calls that build
 * namespaces or reach into other processes are refused, and root has few capabilities left. */
bool container_enter(void);

#endif
