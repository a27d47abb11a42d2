/* SPDX-License-Identifier: MIT */
/* Slurm as an engine: elements of a job array that run `harness grade --shard I/N --results DIR`.
 *
 * Its own clients are started and their oldest text formats read; libslurm changes its interface with each release.
 * What the queue says is never evidence: an element can be COMPLETED without having run, and can run twice. The valid
 * result files are, and the queue only answers whether waiting is worth it. */
#ifndef HARNESS_SLURM_H
#define HARNESS_SLURM_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/batch/crew.h"

struct slurm_job {
    const char *name;    /* harness-RUN-FOLDER: the only handle, by which a submission unheard of is found again */
    const char *script;  /* file */
    const char *log;     /* folder for one log for each element */
    const char *options; /* more words for sbatch from the user, or NULL */
    bool exclusive;      /* whole nodes: somebody measures */
    unsigned minutes;    /* limit of an element; the harness has its own for each task */
};

/* How many elements an array may have here; 1000 when the cluster does not say. Fails when there is no Slurm. */
int slurm_array_most(unsigned *most, struct error *err);

/* `elements` in sbatch's words: "1,3-7". */
int slurm_submit(const struct slurm_job *job, const char *elements, struct error *err);

struct slurm_queue {
    bool reachable;   /* false: the controller does not answer, and nothing is known */
    size_t alive;     /* elements that wait or run */
    size_t stuck;     /* of these: waiting for what will not come by itself */
    char reason[120]; /* Slurm's word for that */
};
int slurm_ask(const char *name, struct slurm_queue *queue, struct error *err);

/* Of everything with this name. Its finished results stay. */
int slurm_cancel(const char *name, struct error *err);

/* Reads one line of `squeue -o "%T|%r"` into the counts: exposed for tests. */
void slurm_read_line(const char *line, struct slurm_queue *queue);

/* The numbers of a set as sbatch takes them; `has[i]` stands for i + 1. The caller frees. */
char *slurm_elements(const bool *has, size_t count);

/* Words at blanks, without quoting; what sbatch would take for the script is refused. The caller frees the array and
 * its first word. */
int slurm_words(const char *text, char ***word, size_t *count, struct error *err);

/* What the options cannot mean together with a queue. */
int slurm_check(const struct options *options, struct error *err);

/* crew_grade() on a cluster: submits what is missing, in rounds, until every task of the plan has a valid result.
 * Ctrl-C takes the elements out of the queue; the same command after a crash goes on where it was. */
int slurm_grade(const struct crew_work *work, struct error *err);

#endif
