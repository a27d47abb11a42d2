/* SPDX-License-Identifier: MIT */
/* Landlock (Linux >= 5.13): file, TCP and signal confinement without privilege. */
#ifndef GRADER_SANDBOX_LANDLOCK_H
#define GRADER_SANDBOX_LANDLOCK_H

#include "grader/sandbox/sandbox.h"

/* ABI version of the running kernel, 0 if there is none. */
int landlock_abi(void);

/* Restricts the calling thread for ever: only `path[]` stays reachable, no TCP, no signals or abstract sockets out.
 * Sets no_new_privs. Missing paths are passed over. Async-signal-safe. Returns 0, or -1 with errno. */
int landlock_restrict(int abi, const struct sandbox_path *path, size_t path_count);

#endif
