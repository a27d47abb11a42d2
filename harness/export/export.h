/* SPDX-License-Identifier: MIT */
/* Reports for other programs, each made from struct result alone. Every function returns the whole text, which the
 * caller frees. What a candidate may have written is escaped for the format in question and never obeyed by it.
 * Hidden cases appear under their public name (hidden-3) and without anything that would tell their contents. */
#ifndef HARNESS_EXPORT_H
#define HARNESS_EXPORT_H

#include "harness/options.h"
#include "harness/report.h"
#include "harness/result/result.h"

/* A submission as exports see it. */
struct export_item {
    const char *person, *task; /* "" when graded by itself */
    const struct result *result;
};

char *export_junit(const struct export_item *item, size_t count);
char *export_csv(const struct export_item *item, size_t count);
char *export_points_csv(const struct export_item *item, size_t count); /* no line for what is nobody's */
char *export_markdown(const struct export_item *item, size_t count);
char *export_gradescope(const struct export_item *item, size_t count);
char *export_code_quality(const struct export_item *item, size_t count);
char *export_github(const struct export_item *item, size_t count);    /* ::error lines, the worst ten */
char *export_classroom(const struct export_item *item, size_t count); /* "Autograding complete", "... report" */

/* Looks, before anything is graded, whether every file that the options ask for can be written. */
int export_check(const struct options *options, struct error *err);
/* Some file that the options ask for, --json among them, goes to the standard output: words for people go to stderr. */
bool export_takes_stdout(const struct options *options);

/* Writes all files and lines that the options ask for, but not --json. Returns the exit code of a failure, 0 if all is
 * well. Lines for a build server go to the standard output, or to stderr where a file has that. */
int export_write(const struct options *options, const struct export_item *item, size_t count);

/* The same for gradings that have just ended. */
int export_write_reports(const struct options *options, const struct report_item *item, size_t count,
                         const struct report_look *look);

#endif
