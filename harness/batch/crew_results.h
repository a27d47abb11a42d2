/* SPDX-License-Identifier: MIT */
/* The result files of a run's folder: which are there, and which of them count. Private to crew*.c. */
#ifndef HARNESS_CREW_RESULTS_H
#define HARNESS_CREW_RESULTS_H

#include "harness/batch/crew.h"

/* RESULTS/results and RESULTS/attempts, without what killed processes left there. */
int results_open(const char *results, struct error *err);

/* Is there a file of this task's name? */
bool results_there(const struct crew_work *work, size_t index);

/* 1: the result of this task in this run. 0: there is none. -1: there is a file that is no such result. */
int results_read(const struct crew_work *work, size_t index, struct record *record, struct error *err);

/* The same, but a file that is no such result is moved to RESULTS/old/: damaged files must not stop a run. */
int results_take(const struct crew_work *work, size_t index, struct record *record, struct error *err);

#endif
