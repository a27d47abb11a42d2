/* SPDX-License-Identifier: MIT */
/* System call filters as hand-written BPF tables (x86-64; the build refuses other machines). */
#ifndef GRADER_SANDBOX_SECCOMP_H
#define GRADER_SANDBOX_SECCOMP_H

#include <stddef.h>

#include "grader/error.h"

/* The strict allow-list, put on by the worker after dlopen and before the first instruction of foreign code, on all its
 * threads (TSYNC). threads > 1 allows clone with exactly the flags of pthread_create. write(2) is allowed to fds 1, 2
 * and `socket_fd` only. Anything unknown traps (SIGSYS); a foreign architecture or x32 kills. */
int seccomp_strict(unsigned threads, int socket_fd, struct error *err);

/* The deny-list for the compiler: no network, no ptrace, no mounts, no namespaces, no keyrings, no bpf, no io_uring.
 * Async-signal-safe: called between fork and exec. Returns 0, or -1 with errno. */
int seccomp_compiler(void);

/* Name of an x86-64 system call ("openat"), or NULL. */
const char *seccomp_name(long number);

#endif
