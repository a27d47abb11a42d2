/* SPDX-License-Identifier: MIT */
/* One graded submission, read back from its JSON document (harness/result.schema.json).
 *
 * Whatever happens after a grading (tables, exports, the store, a merge of shards) works from this struct and from
 * nothing else, so it is the same whether the grading has just ended here or was done a week ago on another machine. */
#ifndef HARNESS_RESULT_H
#define HARNESS_RESULT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grader/error.h"
#include "grader/verdict.h"

struct result_diagnostic {
    const char *kind, *message, *file; /* "error", "warning", ... */
    int64_t line, column;
};

struct result_case {
    const char *name;
    int64_t number; /* 1-based, as in --case */
    bool hidden;
    enum verdict verdict;
    const char *place;                           /* in the submission, or "" */
    const char *sizes, *catches, *detail, *gate; /* "" in a hidden case */
    int64_t wall_ns;                             /* 0 in a hidden case */
    double used;                                 /* share of the tolerance; NaN in a hidden case */
    const cJSON *document;                       /* the whole case, for what is not here */
};

struct result_timing {
    const char *name, *sizes, *detail;
    bool hidden;
    enum verdict verdict;
    double ratio, low, high, ratio_needed; /* time of the reference divided by time of the submission; NaN if unknown */
    double candidate_ns, baseline_ns, gflops, of_roof; /* NaN in a hidden case */
    int64_t samples, clean, threads;
};

struct result_gate {
    const char *name, *title;
    int64_t cases, passed;
    double points, max_points;
};

/* All texts point into `document` or `texts` and live as long as these do; none is NULL unless that is said. */
struct result {
    const char *file;                          /* as the user named it */
    const char *sha256;                        /* of the submission, "" when it could not be read */
    const char *challenge, *challenge_version; /* "" when not known */
    const char *seed;                          /* decimal digits; NULL when secret or none */
    const char *cpu, *vector, *kernel;         /* "" when nothing ran */
    int64_t cores;
    char level; /* 'A' .. 'D', or '-' when nothing ran */
    bool built; /* it came to a build, whatever became of that */
    enum verdict build_verdict;
    const char *build_detail, *compiler, *flags;
    int64_t build_ns;
    size_t diagnostic_count, case_count, timing_count, gate_count;
    struct result_diagnostic *diagnostic;
    struct result_case *cases;
    struct result_timing *timing;
    struct result_gate *gate;
    double ratio;                 /* geometric mean of the timed ratios, NaN if nothing was timed */
    double ratio_low, ratio_high; /* geometric means of the ends of the intervals, NaN likewise */
    double points, max_points;    /* max_points is NaN when not known */
    enum verdict verdict;
    const char *detail;
    int exit; /* of this submission alone */
    int64_t wall_ns;
    char *texts;     /* owned; NULL until the result is trimmed */
    cJSON *document; /* owned; the harness-result/1 object */
};

/* Reads one harness-result/1 object, strictly: what the schema does not allow is an error that names `origin` (a file)
 * and the place. Takes ownership of `document` in every case. The owner of the error is ERROR_USER: the file is bad. */
int result_of_json(cJSON *document, const char *origin, struct result *result, struct error *err);
int result_of_text(const char *text, size_t size, const char *origin, struct result *result, struct error *err);
void result_release(struct result *result); /* fine on zeros */

/* The document as text in which every number reads back as the same one, with line breaks or compact. The caller
 * frees. */
char *result_print(const struct result *result, bool indented);

/* Makes a result small, for whoever holds thousands at once: every member stays, but of the document only the public
 * cases that did not pass, whose numbers tables and exports read. It can then not be printed any more. */
void result_trim(struct result *result);

/* Values inside a document that has been read: NaN and 0 when `node` is NULL or holds something else. */
double result_number(const cJSON *node);
int64_t result_integer(const cJSON *node);

#endif
