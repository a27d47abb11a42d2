/* SPDX-License-Identifier: MIT */
/* The process that runs a solution. It knows its inputs, its outputs and nothing else. */
#ifndef GRADER_WORKER_WORKER_H
#define GRADER_WORKER_WORKER_H

#include "grader/worker/protocol.h"

struct worker {
    const struct worker_command *command;
    struct worker_response *response;
    unsigned char *inputs, *outputs;
    worker_stub_fn *stub;
    void *function[WORKER_FUNCTIONS_MAX];
    void **pointer; /* [calls][argument_count] of the current layout */
    uint32_t layout;
};

/* Maps the shared memories and closes their descriptors. */
void worker_map(struct worker *worker);
/* Landlock, dlopen, the strict filter: after this only the solution's system calls remain. */
void worker_confine_and_load(struct worker *worker);
/* Serves GOs until told to quit; never returns. */
void worker_serve(struct worker *worker) __attribute__((noreturn));

/* Records faults in the response page; then the process dies the way it would have. */
void worker_catch_faults(struct worker *worker);

/* Says why on the response page and exits. */
void worker_fail(struct worker *worker, enum worker_failure failure, const char *what, const char *why)
    __attribute__((noreturn));

#endif
