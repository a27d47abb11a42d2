/* SPDX-License-Identifier: MIT */
/* Where a strict build stops (challenge.json: strict_build), it does so with one instruction, ud2. */
#ifndef GRADER_TRAP_H
#define GRADER_TRAP_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the shared object at `path` holds that instruction at this address (relative to where it is loaded). Any
 * other death by SIGILL is of code for another processor, or of data that was run. */
bool trap_is_at(const char *path, uint64_t address);

#endif
