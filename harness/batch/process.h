/* SPDX-License-Identifier: MIT */
/* The one place outside the sandbox where processes are started: graders of this program's own, and the clients of a
 * queue. Neither runs anything of a candidate's by itself. */
#ifndef HARNESS_PROCESS_H
#define HARNESS_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

#include "grader/error.h"

/* A copy of this process that runs `body` and ends with what that returns. It dies with its parent, and has the read
 * end of a pipe and the write end of another as `in` and `out`; the parent gets the other ends. */
struct process {
    pid_t pid;
    int to, from; /* to its `in`, from its `out`; close-on-exec */
};
int process_fork(int (*body)(void *context, int in, int out), void *context, struct process *process,
                 struct error *err);

/* Runs a program found in PATH with these words, without a shell and with standard input from /dev/null; what it prints
 * is kept up to a cap, and it is killed after `timeout_s`. Returns its exit status (128 + signal when one ended it, 127
 * when there is no such program), -1 on our own error. */
struct process_output {
    char *out, *err; /* NUL-terminated; the caller frees */
};
int process_run(char *const *word, unsigned timeout_s, struct process_output *output, struct error *err);

#endif
