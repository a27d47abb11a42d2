/* SPDX-License-Identifier: MIT */
/* The parts of the text and the JUnit reports; only report_*.c and export/junit.c include this. */
#ifndef HARNESS_REPORT_PART_H
#define HARNESS_REPORT_PART_H

#include "harness/report.h"

/* report_stages.c: the table of what was done */
void report_stages(const struct screen *screen, const struct report_look *look, const struct grade *grade);

/* report_build.c */
void report_compile_error(const struct screen *screen, const struct report_look *look, const struct grade *grade);
void report_diagnostics(const struct screen *screen, const struct grade *grade, const char *kind, size_t most);

/* report_case.c: one case that did not pass, below its title */
void report_case(const struct screen *screen, const struct grade *grade, size_t i);

/* report_speed.c */
bool report_speed_ran(const struct grade *grade);
void report_speed_table(const struct screen *screen, const struct report_look *look, const struct grade *grade);
void report_speed_advice(const struct screen *screen, const struct grade *grade);

/* export/junit.c: ` key="text"`, on one line and safe for XML; NULL is empty */
void report_junit_attribute(FILE *out, const char *key, const char *text);

/* report_gates.c: nothing without gates, or when nothing was called */
void report_gates(const struct screen *screen, const struct grade *grade);

/* report_curve.c: nothing when no public case has a curve */
void report_curve(const struct screen *screen, const struct grade *grade);

/* report_roofline.c: nothing when a number is missing for it */
void report_roofline(const struct screen *screen, const struct grade *grade);

#endif
