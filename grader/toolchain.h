/* SPDX-License-Identifier: MIT */
/* One contained compiler run. A candidate's file can attack the machine at compile time (includes, .incbin, macro
 * bombs), so gcc sees the system's toolchain and one folder, under the same layers as a worker. */
#ifndef GRADER_TOOLCHAIN_H
#define GRADER_TOOLCHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "grader/error.h"
#include "grader/memory.h"
#include "grader/sandbox/sandbox.h"
#include "grader/verdict.h"

struct toolchain {
    char compiler[128]; /* absolute path */
    char version[64];   /* "gcc 12.2.0" */
};

/* HARNESS_CC, else gcc of PATH, else /usr/bin/gcc. Fails with the remedy when there is none. */
int toolchain_find(struct toolchain *toolchain, struct error *err);

/* Asks the compiler, contained in `folder` like every other run of it, and fills in toolchain->version. */
int toolchain_ask_version(struct toolchain *toolchain, const struct sandbox_support *support, const char *folder,
                          const volatile int *cancel, struct error *err);

struct toolchain_job {
    struct sandbox_child child;
    struct memory log;
    const char *folder; /* the caller's, until toolchain_wait */
    int64_t started_ns, wall_ns;
    int status; /* as of waitpid, after toolchain_wait */
};

#define TOOLCHAIN_JOB_INIT                                                                                             \
    { .child = {.pid = 0, .pidfd = -1}, .log = MEMORY_INIT }

/* Starts `argument[0..count-1]` (options and files, without the compiler) in `folder`, which it may read and write. */
int toolchain_start(const struct toolchain *toolchain, const struct sandbox_support *support, const char *folder,
                    const char *const *argument, size_t count, struct toolchain_job *job, struct error *err);

/* Waits up to the compile deadline. PASSED: it exited 0; COMPILE_ERROR: it exited otherwise; TIME_LIMIT, MEMORY_LIMIT.
 * Interrupted, a full disk, or killed by somebody else: error. The log stays readable until toolchain_release. */
int toolchain_wait(struct toolchain_job *job, const volatile int *cancel, enum verdict *verdict, struct error *err);
const char *toolchain_output(const struct toolchain_job *job, size_t *size);
void toolchain_release(struct toolchain_job *job);

#endif
