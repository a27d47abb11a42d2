/* SPDX-License-Identifier: MIT */
/* What must be gone when a grading is over. The caller is a subreaper, so whatever the grader or the program abandons
 * becomes its child. Each function returns true if nothing is left, else `why` says what; it clears away what it finds.
 */
#ifndef TESTS_HOSTILE_LEFTOVERS_H
#define TESTS_HOSTILE_LEFTOVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Every child but the victim, after `grace_ms` in which it may still go by itself; one that is dying gets longer. */
bool leftovers_no_process(pid_t victim, int grace_ms, char *why, size_t size);

/* Mounts of ours in the caller's own namespace: those that hold `folder`, or hide /tmp. */
size_t leftovers_count_mounts(const char *folder);

/* Control groups that are named after this grader. */
bool leftovers_no_cgroup(pid_t grader, char *why, size_t size);

bool leftovers_empty_folder(const char *folder, char *why, size_t size);

/* With everything in it. */
void leftovers_remove(const char *folder);

#endif
