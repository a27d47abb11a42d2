/* SPDX-License-Identifier: MIT */
/* One GO: publish the layout, let the worker go, notice that it is done, account for its CPU time. */
#include <assert.h>
#include <immintrin.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/clock.h"
#include "grader/run_private.h"

enum { PARK_MS = 2000, READY_MS = 5000, SPINS_PER_LOOK = 1 << 12, LATE_LOOK_NS = 2000, MESSAGES_MAX = 64 };

static void publish_layout(struct run *run, const struct run_call *call) {
    struct worker_command *command = run->command;
    const struct layout *layout = call->layout;
    uint32_t runs = 0;
    for (size_t i = 0; i < layout->place_count; i++) {
        const struct place *place = &layout->place[i];
        if (place->pointer && !place->null)
            command->run[runs++] = (struct worker_run){place->begin, place->end, place->writable};
    }
    command->run_count = runs;
    command->argument_count = (uint32_t)layout->place_count;
    assert(call->calls * layout->place_count <= run->setup.pointer_capacity);
    for (size_t i = 0; i < call->calls; i++) {
        for (size_t a = 0; a < layout->place_count; a++) {
            const struct place *place = &layout->place[a];
            struct worker_pointer *pointer = &command->pointer[i * layout->place_count + a];
            bool real = place->pointer && !place->null;
            pointer->kind = !real ? WORKER_NULL : place->writable ? WORKER_OUTPUT : WORKER_INPUT;
            pointer->offset = real ? place->offset + i * place->stride : 0;
        }
    }
    command->populate = call->timed;
    command->layout++;
}

static void publish(struct run *run, const struct run_call *call) {
    struct worker_command *command = run->command;
    if (run->layout_serial != call->layout_serial || command->calls != call->calls)
        publish_layout(run, call);
    run->layout_serial = call->layout_serial;
    run->layout = call->layout;
    run->trial = call->trial;
    command->function_index = (uint32_t)call->function_index;
    command->calls = (uint32_t)call->calls;
    memcpy(command->value, call->value, call->layout->argument_count * sizeof *call->value);
}

static void wake(struct run *run) {
    __atomic_store_n(&run->command->arm, run->number, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &run->command->arm, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* True when the worker says that this GO is done. */
static bool says_done(const struct run *run) {
    return __atomic_load_n(&run->response->done, __ATOMIC_ACQUIRE) == run->number;
}

/* A message says when it was sent; that is the end of the work only if the grader had not looked in between and found
 * nothing done, and of several the last one counts: a solution may send messages of its own at any time. */
static enum run_wait wait_done(struct run *run, int64_t deadline_ns, int64_t *sent_ns) {
    for (int64_t undone_ns = run->go_ns;;) {
        char message;
        enum run_wait got = run_wait_message(run, deadline_ns, &message, NULL, sent_ns);
        int64_t look_ns = clock_now_ns();
        if (got != RUN_WAIT_MESSAGE)
            return got;
        if (says_done(run)) {
            int64_t later = 0;
            for (int i = 0; i < MESSAGES_MAX && run_wait_message(run, 0, &message, NULL, &later) == got; i++)
                *sent_ns = later;
            *sent_ns = *sent_ns > undone_ns ? *sent_ns : look_ns;
            return got;
        }
        if (look_ns > deadline_ns) /* messages without end must not hold the grader */
            return RUN_WAIT_DEADLINE;
        undone_ns = look_ns;
    }
}

/* A preempted grader sees DONE late; the kernel's stamp of the message is late by some microseconds and immune to that.
 * Messages that were sent before the last look in vain prove nothing, and of those after it the last one counts. */
static void correct_late_look(struct run *run, int64_t undone_ns) {
    int64_t sent = 0, end = 0;
    char message;
    if (run->done_ns - undone_ns < LATE_LOOK_NS)
        return;
    for (int i = 0; i < MESSAGES_MAX && run_wait_message(run, 0, &message, NULL, &sent) == RUN_WAIT_MESSAGE; i++)
        if (sent > undone_ns && sent < run->done_ns && sent > end)
            end = sent;
    if (end > 0)
        run->done_ns = end;
}

/* Spinning sees DONE within 0.1 us. It never waits for the message: whoever claims DONE early shall be copied early. */
static enum run_wait spin_done(struct run *run, int64_t deadline_ns) {
    int64_t look_ns = clock_now_ns(), undone_ns = run->go_ns;
    for (unsigned i = 1; !says_done(run); i++) {
        _mm_pause();
        undone_ns = look_ns;
        look_ns = clock_now_ns();
        if (look_ns > deadline_ns)
            return RUN_WAIT_DEADLINE;
        if (i % SPINS_PER_LOOK != 0)
            continue;
        if (sandbox_dead(&run->child))
            return RUN_WAIT_DEAD;
        if (run->setup.cancel != NULL && *run->setup.cancel)
            return RUN_WAIT_CANCELLED;
    }
    run->done_ns = clock_now_ns();
    correct_late_look(run, undone_ns);
    return RUN_WAIT_MESSAGE;
}

static bool wait_ready(struct run *run) {
    int64_t deadline = clock_now_ns() + (int64_t)READY_MS * 1000000;
    for (unsigned i = 1; __atomic_load_n(&run->response->ready, __ATOMIC_ACQUIRE) != run->number; i++) {
        _mm_pause();
        if (i % 1024 == 0 && (sandbox_dead(&run->child) || clock_now_ns() > deadline))
            return false;
    }
    return true;
}

/* No handshake: the worker starts as soon as it wakes. The clock runs from the wake-up on, which is late by
 * microseconds alike on both sides of a pair, and nobody spins on a core that the other one needs. */
static enum run_wait go_asleep(struct run *run, int64_t deadline_ms) {
    int64_t sent = 0;
    __atomic_store_n(&run->command->go, run->number, __ATOMIC_RELEASE);
    run->armed_ns = run->go_ns = clock_now_ns();
    wake(run);
    enum run_wait got = wait_done(run, run->go_ns + deadline_ms * 1000000, &sent);
    int64_t now = clock_now_ns();
    run->done_ns = sent > run->go_ns && sent < now ? sent : now;
    return got;
}

/* The worker is awake and spinning when the clock starts, and the grader spins on another core until it is done. */
static enum run_wait go_spinning(struct run *run, int64_t deadline_ms) {
    run->armed_ns = clock_now_ns();
    wake(run);
    if (!wait_ready(run))
        return sandbox_dead(&run->child) ? RUN_WAIT_DEAD : RUN_WAIT_DEADLINE;
    run->go_ns = clock_now_ns();
    __atomic_store_n(&run->command->go, run->number, __ATOMIC_RELEASE);
    return spin_done(run, run->go_ns + deadline_ms * 1000000);
}

static int before_timed(struct run *run, struct run_outcome *outcome) {
    int64_t now_ns = 0, deadline = clock_now_ns() + (int64_t)PARK_MS * 1000000;
    if (run_wait_parked(run, deadline, &now_ns) != 0) {
        run_explain_death(run, VERDICT_TAMPERED, outcome);
        snprintf(outcome->detail, sizeof outcome->detail,
                 "a thread was still working two seconds after the call had returned");
        return -1;
    }
    /* A worker that has not yet been timed has no earlier parked reading to grow from. */
    outcome->side.idle_ns = run->cpu_parked_ns > 0 ? now_ns - run->cpu_parked_ns : 0;
    run->cpu_before_ns = now_ns;
    return 0;
}

/* No reference kills itself, so neither the challenge's author nor the candidate is to blame. */
static bool was_killed(const struct run *run) {
    return WIFSIGNALED(run->child.status) && WTERMSIG(run->child.status) == SIGKILL;
}

/* With several threads the CPU account has room for work behind DONE: what a thread does there while the other sleeps.
 * So the snapshot waits, within reason, until all of them sleep, how long that took is told, and nobody may work while
 * it is taken. */
static void look_after_done(struct run *run, struct run_outcome *outcome) {
    const int64_t patience_ns = 500000;
    int64_t cpu_ns = 0;
    run->cpu_done_ns = 0;
    if (run_wait_parked(run, clock_now_ns() + patience_ns, &cpu_ns) == 0)
        run->cpu_done_ns = cpu_ns;
    outcome->side.late_ns = clock_now_ns() - run->done_ns;
}

int run_go(struct run *run, const struct run_call *call, struct run_outcome *outcome, struct error *err) {
    assert(!run->dead && call->calls >= 1 && call->calls <= call->layout->slots);
    *outcome = (struct run_outcome){.verdict = VERDICT_PASSED};
    run->timed = call->timed;
    if (call->timed && before_timed(run, outcome) != 0)
        return 0;
    run_drain_messages(run);
    publish(run, call);
    run->number++;
    bool spin = call->timed && run->may_spin;
    enum run_wait got = spin ? go_spinning(run, call->deadline_ms) : go_asleep(run, call->deadline_ms);
    if (!call->timed)
        run->cpu_parked_ns = 0;
    if (got == RUN_WAIT_CANCELLED) {
        run_explain_death(run, VERDICT_SKIPPED, outcome);
        return error_set(err, ERROR_HARNESS, "interrupted");
    }
    if (got != RUN_WAIT_MESSAGE) {
        run_explain_death(run, got == RUN_WAIT_DEADLINE ? VERDICT_TIME_LIMIT : VERDICT_PASSED, outcome);
        if (got == RUN_WAIT_DEAD && run->setup.trusted && was_killed(run))
            return error_set(err, ERROR_HARNESS,
                             "the reference was killed from outside (signal 9): most likely the machine ran out of "
                             "memory; free some and run it again");
        if (outcome->verdict == VERDICT_TIME_LIMIT)
            snprintf(outcome->detail, sizeof outcome->detail, "no return within %lld ms; it was stopped",
                     (long long)call->deadline_ms);
        return 0;
    }
    outcome->side.wall_ns = run->done_ns - run->go_ns;
    outcome->side.before_ns = run->go_ns - run->armed_ns;
    if (call->timed && run->setup.threads > 1)
        look_after_done(run, outcome);
    outcome->status = __atomic_load_n(&run->response->status, __ATOMIC_RELAXED);
    outcome->flushes_denormals = run->response->flushes_denormals != 0;
    return 0;
}

int run_settle(struct run *run, struct run_outcome *outcome, struct error *err) {
    (void)err;
    assert(run->timed && !run->dead);
    int64_t deadline = clock_now_ns() + (int64_t)PARK_MS * 1000000;
    if (run_wait_parked(run, deadline, &run->cpu_parked_ns) != 0) {
        run_explain_death(run, VERDICT_TAMPERED, outcome);
        snprintf(outcome->detail, sizeof outcome->detail,
                 "a thread was still working two seconds after the call had returned");
        return 0;
    }
    outcome->side.cpu_ns = run->cpu_parked_ns - run->cpu_before_ns;
    if (run->setup.threads > 1 && run->cpu_done_ns > 0)
        outcome->side.idle_ns += run->cpu_parked_ns - run->cpu_done_ns;
    return 0;
}
