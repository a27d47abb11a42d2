/* SPDX-License-Identifier: MIT */
/* What is wrong with submissions, as code review shows it: a place, a sentence, how bad it is. GitLab's code quality
 * and GitHub's annotations are made from one list. Only harness/export/ includes this. */
#ifndef HARNESS_EXPORT_ISSUE_H
#define HARNESS_EXPORT_ISSUE_H

#include "harness/export/export.h"

/* GitLab's five words. What is no fault of the submission is `info`. */
enum issue_severity { ISSUE_BLOCKER, ISSUE_CRITICAL, ISSUE_MAJOR, ISSUE_MINOR, ISSUE_INFO };

enum { ISSUE_FINGERPRINT = 33 };

struct issue {
    size_t item, place; /* whose it is, and its number among the issues of that submission */
    enum issue_severity severity;
    const char *check;    /* code of a verdict, or compiler_error, compiler_warning */
    char *path;           /* relative to the folder that is under review, valid UTF-8 */
    int64_t line, column; /* from 1; column 0 when not known */
    char *words;          /* one line */
    /* The same for the same mistake in the next run, though its line and its numbers may be others. */
    char fingerprint[ISSUE_FINGERPRINT];
};

struct issues {
    size_t count;
    struct issue *issue;
};

const char *issue_severity_word(enum issue_severity severity);

void issues_find(const struct export_item *item, size_t count, struct issues *issues);
void issues_release(struct issues *issues);

#endif
