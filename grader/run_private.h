/* SPDX-License-Identifier: MIT */
/* Shared by the files of the run room only. */
#ifndef GRADER_RUN_PRIVATE_H
#define GRADER_RUN_PRIVATE_H

#include "grader/run.h"
#include "grader/worker/protocol.h"

struct run {
    struct run_setup setup; /* its pointers are the caller's and outlive the run */
    struct sandbox_child child;
    struct memory command_memory, response_memory, log;
    struct worker_command *command;
    struct worker_response *response;
    int socket; /* our end */
    pid_t pid;  /* the worker, as we see it (not an init in front of it) */
    bool dead;
    uint32_t number; /* of the last GO */
    uint64_t layout_serial;
    const struct layout *layout; /* of the last GO, for messages */
    const struct trial *trial;
    uint64_t load_base; /* read once, before any foreign code ran */
    uint64_t inputs_base, outputs_base;
    int64_t armed_ns, go_ns, done_ns;     /* of the last GO */
    int64_t cpu_before_ns, cpu_parked_ns; /* process CPU time when last seen parked */
    int64_t cpu_done_ns;                  /* before the snapshot, several threads only; 0 if they did not park */
    bool timed;                           /* the last GO was */
    bool may_spin;                        /* grader and worker have a core each, and the solution needs only one */
};

/* Waits for a datagram or the worker's death. Returns 1 with its first byte (and the sender's pid and the kernel's send
 * time in CLOCK_MONOTONIC when asked for), 0 when the worker is dead, -2 at the deadline, -3 when cancelled. */
enum run_wait { RUN_WAIT_MESSAGE = 1, RUN_WAIT_DEAD = 0, RUN_WAIT_DEADLINE = -2, RUN_WAIT_CANCELLED = -3 };
enum run_wait run_wait_message(struct run *run, int64_t deadline_ns, char *message, pid_t *sender, int64_t *sent_ns);
void run_drain_messages(struct run *run);

/* Waits until all threads of the worker sleep, then reads its CPU clock. Returns 0, or -1 if that took too long. */
int run_wait_parked(struct run *run, int64_t deadline_ns, int64_t *cpu_ns);

/* Kills, reaps, and says what the end means. `stopped` is why we killed it, or PASSED if it died by itself. */
void run_explain_death(struct run *run, enum verdict stopped, struct run_outcome *outcome);

#endif
