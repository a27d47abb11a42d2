/* SPDX-License-Identifier: MIT */
/* The two workers of the reference: oracle.c starts and calls them, oracle_answer.c reads them. Private to these. */
#ifndef GRADER_ORACLE_PRIVATE_H
#define GRADER_ORACLE_PRIVATE_H

#include "grader/layout.h"
#include "grader/oracle.h"
#include "grader/run.h"
#include "grader/stub.h"

enum { SIDE_WIDE, SIDE_NARROW, SIDES, POISON_KEY = 1 };

struct oracle_side {
    struct memory inputs, outputs;
    struct run *run;
    struct layout layout; /* of the last call: a worker need not set its guard pages again for the same one */
    uint64_t serial;
};

struct oracle {
    struct oracle_setup setup;
    struct stub_functions functions;
    const char *name[STUB_FUNCTIONS_MAX];
    struct oracle_side side[SIDES];
};

/* Flags of the layouts of this side. */
unsigned oracle_flags(int side);

/* Lays out a call on the trial's content and writes its inputs; the outputs stay as they are. */
void oracle_put_inputs(struct oracle *oracle, int which, const struct trial *trial, unsigned more_flags,
                       struct layout *layout);
int oracle_call_in_place(struct oracle *oracle, int which, size_t function_index, const struct trial *trial,
                         const struct layout *layout, struct error *err);

/* Both, with the outputs poisoned in between unless the key is 0. */
int oracle_call(struct oracle *oracle, int which, size_t function_index, const struct trial *trial, unsigned more_flags,
                uint64_t poison_key, struct layout *layout, struct error *err);

#endif
