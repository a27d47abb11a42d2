/* SPDX-License-Identifier: MIT */
/* The parts of the JSON reports; besides report_json*.c only commands that write JSON of their own include this. */
#ifndef HARNESS_REPORT_JSON_PART_H
#define HARNESS_REPORT_JSON_PART_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "grader/grade.h"

/* Foreign text: made valid UTF-8. NULL gives an empty string. */
void report_json_text(cJSON *object, const char *key, const char *text);
void report_json_bytes(cJSON *object, const char *key, const char *bytes, size_t size);

/* A number that reads back exactly; "nan", "inf", "-inf" for the others. */
void report_json_number(cJSON *object, const char *key, double value);
void report_json_integer(cJSON *object, const char *key, int64_t value);

/* report_json_case.c: appends case `i` to the list. */
void report_json_case(cJSON *list, const struct grade *grade, size_t i);

/* report_json_gate.c: the lists of all gates, and of the curves of public cases; empty without a grading. */
void report_json_gates(cJSON *root, const struct grade *grade);
void report_json_curves(cJSON *root, const struct grade *grade);

#endif
