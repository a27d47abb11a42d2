/* SPDX-License-Identifier: MIT */
/* The loop. A candidate can take it over, since it lives in the candidate's address space; what it cannot do is make
 * its CPU time disappear or write outputs after the grader's snapshot. */
#include <errno.h>
#include <immintrin.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "grader/worker/worker.h"

enum { MXCSR_DEFAULT = 0x1f80, MXCSR_FTZ = 1 << 15, MXCSR_DAZ = 1 << 6 };

/* Older headers lack them; an older kernel answers EINVAL and the first call then pays for its page faults. */
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

static void set_guards(struct worker *worker) {
    const struct worker_command *command = worker->command;
    mprotect(worker->inputs, command->input_bytes, PROT_NONE);
    mprotect(worker->outputs, command->output_bytes, PROT_NONE);
    for (uint32_t i = 0; i < command->run_count; i++) {
        const struct worker_run *run = &command->run[i];
        unsigned char *base = run->writable ? worker->outputs : worker->inputs;
        size_t bytes = run->end - run->begin;
        mprotect(base + run->begin, bytes, run->writable ? PROT_READ | PROT_WRITE : PROT_READ);
        if (command->populate)
            madvise(base + run->begin, bytes, run->writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
    }
}

/* The table of pointers is the worker's own, so that a GO of many calls costs one indirect call each. */
static void set_pointers(struct worker *worker, size_t *mapped) {
    const struct worker_command *command = worker->command;
    size_t count = (size_t)command->calls * command->argument_count;
    if (worker->pointer != NULL)
        munmap(worker->pointer, *mapped);
    *mapped = (count + 1) * sizeof *worker->pointer;
    void *table = mmap(NULL, *mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (table == MAP_FAILED)
        worker_fail(worker, WORKER_FAILURE_SETUP, "laying out the arguments", "out of memory");
    worker->pointer = table;
    for (size_t i = 0; i < count; i++) {
        const struct worker_pointer *p = &command->pointer[i];
        unsigned char *base = p->kind == WORKER_INPUT ? worker->inputs : worker->outputs;
        worker->pointer[i] = p->kind == WORKER_NULL ? NULL : base + p->offset;
    }
}

static void wait_for_arm(const struct worker_command *command, uint32_t served) {
    while (__atomic_load_n(&command->arm, __ATOMIC_ACQUIRE) == served)
        syscall(SYS_futex, &command->arm, FUTEX_WAIT, served, NULL, NULL, 0);
}

static void wait_for_go(const struct worker_command *command, uint32_t number) {
    while (__atomic_load_n(&command->go, __ATOMIC_ACQUIRE) != number)
        _mm_pause();
}

static int32_t run_calls(const struct worker *worker) {
    const struct worker_command *command = worker->command;
    uint32_t calls = command->calls, arguments = command->argument_count, function = command->function_index;
    int32_t status = 0;
    for (uint32_t i = 0; i < calls; i++) {
        int returned =
            worker->stub(function, worker->function, worker->pointer + (size_t)i * arguments, command->value);
        if (returned != 0 && status == 0)
            status = returned;
    }
    return status;
}

void worker_serve(struct worker *worker) {
    const struct worker_command *command = worker->command;
    struct worker_response *response = worker->response;
    uint32_t served = 0;
    size_t mapped = 0;
    static const char parked = 'P', done = 'D';
    __atomic_store_n(&response->state, WORKER_PARKED, __ATOMIC_RELEASE);
    (void)!write(WORKER_FD_SOCKET, &parked, 1);
    for (;;) {
        wait_for_arm(command, served);
        served = __atomic_load_n(&command->arm, __ATOMIC_ACQUIRE);
        if (command->quit)
            _exit(0);
        if (worker->layout != command->layout) {
            set_guards(worker);
            set_pointers(worker, &mapped);
            worker->layout = command->layout;
        }
        _mm_setcsr(MXCSR_DEFAULT);
        __atomic_store_n(&response->ready, served, __ATOMIC_RELEASE);
        wait_for_go(command, served);
        response->status = run_calls(worker);
        __atomic_store_n(&response->done, served, __ATOMIC_RELEASE);
        (void)!write(WORKER_FD_SOCKET, &done, 1);
        if (_mm_getcsr() & (MXCSR_FTZ | MXCSR_DAZ))
            response->flushes_denormals = 1;
        fflush(stdout);
    }
}
