/* SPDX-License-Identifier: MIT */
/* The peer bench: the float32 baseline of every timed operation beside what a user would pick instead, oneDNN and
 * PyTorch, in one run on one core. peers.c has the table and says how it measures.
 *
 * A problem is a list of arrays in memory that the PyTorch process maps too, so that all three compute on the same
 * numbers and their answers can be held against each other. An operation refers to its arrays by their place. */
#ifndef TESTS_BENCH_PEERS_H
#define TESTS_BENCH_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum { PEERS_DIMS = 6, PEERS_ARRAYS = 32 };

enum peers_kind { PEERS_INPUT, PEERS_OUTPUT, PEERS_STATE }; /* a state is an output that has a beginning */

struct peers_array {
    const char *name, *type; /* "f32", "i32" or "i64" */
    enum peers_kind kind;
    size_t count, offset, bytes;
};

struct peers_problem {
    size_t dim[PEERS_DIMS];
    struct peers_array array[PEERS_ARRAYS];
    size_t arrays, used, bytes;
    char *base;
    int fd;
};

int peers_memory_open(struct peers_problem *problem, size_t bytes);
void peers_memory_close(struct peers_problem *problem);

/* Add an array and return its elements. Floats are normal numbers of this mean and deviation, the same in each run. */
float *peers_floats(struct peers_problem *problem, const char *name, size_t count, double mean, double deviation);
void *peers_integers(struct peers_problem *problem, const char *name, const char *type, size_t count);
float *peers_output(struct peers_problem *problem, const char *name, size_t count);
float *peers_state(struct peers_problem *problem, const char *name, size_t count, double mean, double deviation);

/* The elements of array i. */
void *peers_at(const struct peers_problem *problem, size_t i);

struct peers_operation {
    const char *name; /* peers_dnnl.c and peers_torch.py look up theirs by it */
    void (*lay_out)(struct peers_problem *problem);
    int (*reference)(const struct peers_problem *problem);
};

extern const struct peers_operation peers_models[]; /* those of peers_models.c; the last has no name */
const struct peers_operation *peers_operation_named(const char *name);

/* oneDNN: NULL when it has nothing for the operation, or is not there. */
struct peers_plan;
const char *peers_dnnl_version(void); /* NULL: built without it */
struct peers_plan *peers_plan_open(const char *operation, const struct peers_problem *problem);
void peers_plan_run(struct peers_plan *plan);
void peers_plan_close(struct peers_plan *plan);

/* PyTorch, in a process of its own. Each call waits for the answer. */
struct peers_torch {
    pid_t pid;
    FILE *to, *from;
    char version[80];
};

int peers_torch_open(struct peers_torch *torch, const char *script, int memory_fd); /* -1: it is not there */
bool peers_torch_begin(struct peers_torch *torch, const char *operation, const struct peers_problem *problem);
bool peers_torch_answer(struct peers_torch *torch); /* one call, whose outputs are then in the shared memory */
int64_t peers_torch_time(struct peers_torch *torch, size_t calls); /* CPU time of all calls; -1 when it died */
void peers_torch_close(struct peers_torch *torch);

#endif
