/* SPDX-License-Identifier: MIT */
/* What the exports share; only harness/export/ includes this. Callers free every text. */
#ifndef HARNESS_EXPORT_PART_H
#define HARNESS_EXPORT_PART_H

#include "harness/export/export.h"

/* Who is told about: the person, or the file of a submission that is nobody's. */
const char *export_who(const struct export_item *item);

/* The verdict says something about the submission, and not about the machine, the challenge or the command line. */
bool export_is_judged(const struct result *result);

/* Points as a number that every platform takes: what is unknown or no number is 0. */
double export_points(double points);

/* All submissions together. `judged` says whether every one of them has a verdict of its own. */
struct export_total {
    double points, max_points;
    size_t accepted;
    bool judged;
};
struct export_total export_add_up(const struct export_item *item, size_t count);

/* How many different machines the timed results come from: CPU, cores and sandbox tell them apart. */
size_t export_machines(const struct export_item *item, size_t count);

/* Prints a JSON document, so that nothing in it is obeyed on its way, and frees it. */
char *export_json(cJSON *root);

/* As export_markdown, in at most `room` bytes: whole rows, and how many are missing. Rows of submissions that were not
 * accepted are then the last to go. */
char *export_markdown_within(const struct export_item *item, size_t count, size_t room);

#endif
