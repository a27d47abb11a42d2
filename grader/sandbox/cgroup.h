/* SPDX-License-Identifier: MIT */
/* Memory and process limits over a whole tree of processes, with cgroup v1 or v2, where we may write there. */
#ifndef GRADER_SANDBOX_CGROUP_H
#define GRADER_SANDBOX_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { CGROUP_PATH = 256 };

/* 1 or 2 if both controllers can be used by us (a folder was made and removed), else 0. */
int cgroup_version(void);

/* Makes the folders, sets the limits (0: none) and moves `pid` in. Returns 0, or -1 with errno and nothing left. */
int cgroup_create(pid_t pid, uint64_t memory_bytes, unsigned processes, char folder[2][CGROUP_PATH]);

/* True if the kernel killed for lack of memory in there. */
bool cgroup_out_of_memory(char folder[2][CGROUP_PATH]);

/* Kills whatever is in there and removes the folders; empties the strings. */
void cgroup_remove(char folder[2][CGROUP_PATH]);

/* Removes those of dead graders. */
void cgroup_clean_stale(void);

#endif
