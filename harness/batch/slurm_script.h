/* SPDX-License-Identifier: MIT */
/* The batch script of an array: private to slurm*.c. */
#ifndef HARNESS_SLURM_SCRIPT_H
#define HARNESS_SLURM_SCRIPT_H

#include "harness/batch/crew.h"

/* What each element runs: this same program on shard $SLURM_ARRAY_TASK_ID of `elements`, with absolute paths and the
 * options that belong to a grading. The seed is not in it; the elements read it from the results folder. The caller
 * frees. NULL (and err) when a path cannot be resolved. */
char *slurm_script(const struct crew_work *work, unsigned elements, struct error *err);

#endif
