/* SPDX-License-Identifier: MIT */
/* What the grader and a worker share.
 *
 * Command page: written by the grader, read-only in the worker. Response page: written by the worker, so everything in
 * it is a claim by foreign code; the grader reads each field once, uses none as an index or length, and escapes text.
 *
 *   BOOT -> HELLO (datagram 'H'; the kernel adds the pid) -> LOADED -> PARKED (datagram 'P', the first time only)
 *   each GO:  grader  writes inputs, poisons outputs, sees PARKED and an unchanged CPU clock
 *             arm = n, FUTEX_WAKE     worker   ready = n, then waits for go == n (which may be set already)
 *             go = n                  worker   calls x kernel, done = n, one datagram (the kernel stamps it)
 *             snapshot of the outputs          parks in FUTEX_WAIT on arm
 *
 * The stub is a small generated shared object (grader/stub.h) that turns pointers and numbers into one C call. */
#ifndef GRADER_WORKER_PROTOCOL_H
#define GRADER_WORKER_PROTOCOL_H

#include <stdint.h>

#define WORKER_MAGIC 0x68726e7377726b31u

enum {
    WORKER_FD_COMMAND = 3,
    WORKER_FD_RESPONSE,
    WORKER_FD_INPUTS,
    WORKER_FD_OUTPUTS,
    WORKER_FD_SOCKET,
    WORKER_FD_COUNT = 5
};

enum {
    WORKER_FUNCTIONS_MAX = 64,
    WORKER_VALUES_MAX = 40,
    WORKER_RUNS_MAX = 80,
    WORKER_PATHS_MAX = 12,
    WORKER_PATH = 256,
    WORKER_NAME = 64
};

enum worker_state {
    WORKER_BOOT,
    WORKER_HELLO,
    WORKER_LOADED,
    WORKER_PARKED,
    WORKER_FAILED /* could not come up: `message` says why, `failure` whose fault it is */
};

enum worker_failure {
    WORKER_FAILURE_NONE,
    WORKER_FAILURE_SETUP, /* mapping, filter, Landlock: ours */
    WORKER_FAILURE_LOAD   /* dlopen or dlsym of the solution: theirs */
};

struct worker_run { /* pages of one argument, to lie between guard pages */
    uint64_t begin, end;
    uint32_t writable;
};

enum worker_pointer_kind { WORKER_NULL, WORKER_INPUT, WORKER_OUTPUT };

struct worker_pointer {
    uint32_t kind;
    uint64_t offset;
};

struct worker_command {
    uint64_t magic;
    uint32_t threads;      /* the solution may use */
    uint32_t landlock_abi; /* 0: none */
    uint32_t seccomp;      /* put the strict filter on */
    uint32_t trusted;      /* a reference: report its BLAS */
    uint32_t path_count;
    char path[WORKER_PATHS_MAX][WORKER_PATH]; /* Landlock: all that stays readable and executable */
    char stub[WORKER_PATH], solution[WORKER_PATH];
    uint32_t function_count;
    char function[WORKER_FUNCTIONS_MAX][WORKER_NAME];
    uint64_t input_bytes, output_bytes;

    _Alignas(64) uint32_t arm; /* futex word: number of the GO to prepare for */
    uint32_t quit;
    _Alignas(64) uint32_t go;

    _Alignas(64) uint32_t layout; /* a change makes the worker set its guard pages anew */
    uint32_t populate;            /* touch every page of a new layout before READY */
    uint32_t function_index, calls;
    double value[WORKER_VALUES_MAX];
    uint32_t run_count, argument_count;
    struct worker_run run[WORKER_RUNS_MAX];
    struct worker_pointer pointer[]; /* [calls][argument_count] */
};

struct worker_response {
    _Alignas(64) uint32_t done;
    int32_t status; /* the first non-zero value that a call of this GO returned */
    _Alignas(64) uint32_t ready;
    _Alignas(64) uint32_t state;
    uint32_t failure;
    uint32_t flushes_denormals; /* a call left FTZ or DAZ set */
    int32_t signal, code;       /* of the fault that ended it */
    uint64_t address, instruction, load_base, inputs_base, outputs_base;
    int64_t system_call;
    uint32_t near_limit; /* at the fault, memory was nearly used up */
    char message[256];
    char blas_core[64], blas_config[160];
};

/* harness_stub_call of the generated stub: one call. Returns what the solution returned. */
typedef int worker_stub_fn(unsigned function_index, void *const *function, void *const *pointer, const double *value);

#endif
