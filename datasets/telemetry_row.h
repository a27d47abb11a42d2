/* SPDX-License-Identifier: MIT */
/* From a step's record to the columns of a file. */
#ifndef DATASETS_TELEMETRY_ROW_H
#define DATASETS_TELEMETRY_ROW_H

#include <stdbool.h>

#include "datasets/telemetry_run.h"

void row_store(const struct step_record *record, struct run_row *row, int32_t step);

/* Any field that a file holds, checksums included; floats relatively by more than 1e-6. */
bool row_records_differ(const struct step_record *a, const struct step_record *b);

#endif
