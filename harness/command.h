/* SPDX-License-Identifier: MIT */
/* The commands: one table row each, one file each (command_NAME.c). */
#ifndef HARNESS_COMMAND_H
#define HARNESS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/options.h"

/* Who has the options that not every command has; a set. */
enum options_user {
    OPTIONS_OF_RUN = 1,
    OPTIONS_OF_CHECK = 2,
    OPTIONS_OF_NEW = 4,
    OPTIONS_OF_GRADE = 8,
    OPTIONS_OF_MERGE = 16,
    OPTIONS_OF_LOG = 32, /* and of show-run */
    OPTIONS_OF_VERIFY = 64
};

/* Whose command it is, for the overview. */
enum command_group {
    COMMAND_OF_CANDIDATES,
    COMMAND_OF_INSTRUCTORS,
    COMMAND_OF_GRADING,
    COMMAND_OF_OPERATORS,
    COMMAND_GROUPS
};

struct command {
    const char *name;
    enum command_group group;
    const char *arguments; /* "FILE..." */
    const char *needs;     /* what is missing when there are too few: "the id of a challenge" */
    const char *summary;   /* one line for the list of commands */
    const char *help;      /* above the options; examples first */
    size_t least, most;    /* arguments */
    unsigned options;      /* of enum options_user */
    /* `cancel` becomes non-zero when the user wants to stop. Returns the exit code. */
    int (*run)(const struct options *options, const volatile int *cancel);
};

enum { COMMAND_COUNT = 14 };
extern const struct command COMMAND[COMMAND_COUNT];

const struct command *command_find(const char *name); /* NULL if there is none */

int command_list(const struct options *options, const volatile int *cancel);
int command_show(const struct options *options, const volatile int *cancel);
int command_start(const struct options *options, const volatile int *cancel);
int command_run(const struct options *options, const volatile int *cancel);
int command_grade(const struct options *options, const volatile int *cancel);
int command_hint(const struct options *options, const volatile int *cancel);
int command_new(const struct options *options, const volatile int *cancel);
int command_check(const struct options *options, const volatile int *cancel);
int command_merge(const struct options *options, const volatile int *cancel);
int command_doctor(const struct options *options, const volatile int *cancel);
int command_log(const struct options *options, const volatile int *cancel);
int command_show_run(const struct options *options, const volatile int *cancel);
int command_keygen(const struct options *options, const volatile int *cancel);
int command_verify_result(const struct options *options, const volatile int *cancel);

/* Prints "harness: <sentence>" on stderr, safe for a terminal, and gives the exit code of its owner. */
int command_fail(const struct error *error);

#endif
