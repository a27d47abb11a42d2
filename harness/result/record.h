/* SPDX-License-Identifier: MIT */
/* A result file: one graded submission of a run, as grading nodes publish it and merge, store and exports read it.
 *
 *   {"schema":"harness-task/1","run":ID,"task":"gita/attention-causal","person":"gita","inputs":HEX,"shard":"3/8",
 *    "attempt":{"host":...,"started":...,"finished":...,"pid":...,"job":...,"restart":...,"try":...},
 *    "result":{harness-result/1},"signature":{...}}
 *
 * compact, on one line. Its name is made from the task alone, and it appears by link(2): whole or not at all, and when
 * a task is executed twice the first one stays. The set of valid result files is the only truth about a run. */
#ifndef HARNESS_RECORD_H
#define HARNESS_RECORD_H

#include "harness/result/result.h"

struct record_attempt {
    const char *host;
    const char *job;                /* of a queue: SLURM_JOB_ID_ARRAY, or "" */
    int64_t pid, restart, number;   /* number: how often this task has been begun, from 1 */
    const char *started, *finished; /* RFC 3339 in UTC, whole seconds */
};

struct record {
    const char *run, *task, *person, *inputs, *shard; /* shard "" when the run was not divided */
    struct record_attempt attempt;
    const char *key; /* public key of the signature in base64, "" when unsigned */
    struct result result;
    const char *result_text; /* the harness-result/1 object as it stands in `text`, digit for digit */
    size_t result_size;
    cJSON *document; /* all but the result, whose document is its own */
    char *text;      /* the bytes of the file */
    size_t size;
};

/* Where the file of a task lies: DIR/results/<task with '/' as '~'>.json. The caller frees. */
char *record_path(const char *results, const char *task);

/* Reads and checks one file; a signature that is there must be right for its own key (harness/result/sign.h). */
int record_read(const char *path, struct record *record, struct error *err);
void record_release(struct record *record);

/* The text of a file, unsigned; `result_text` is what report_json() made of one item. The caller frees. */
struct record_head {
    const char *run, *task, *person, *inputs, *shard;
    struct record_attempt attempt;
};
char *record_text(const struct record_head *head, const char *result_text);

/* Publishes: writes a temporary file of this process in the same folder, fsync, link, unlink. The folder has to be
 * there. Returns 1 when it is
 * there now through us, 0 when another execution was first (whose file stays), -1 on error. */
int record_publish(const char *path, const char *text, struct error *err);

/* Of publishing, for other files of a results folder: the name of a temporary file of this process, for mkostemp (the
 * caller frees), and its final name, which is given only where there is none yet. 0, EEXIST or another errno. */
char *record_temporary(const char *folder);
int record_name(const char *temporary, const char *path);

/* Removes the temporary files that killed processes left in DIR and DIR/results. */
void record_clean_stale(const char *results);

#endif
