/* SPDX-License-Identifier: MIT */
#include "grader/run.h"

#include <assert.h>
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "grader/clock.h"
#include "grader/run_private.h"
#include "grader/sandbox/seccomp.h"

enum { LOG_BYTES = 64 << 10, LOAD_MS = 10000, PATHS_MAX = WORKER_PATHS_MAX };

/* A worker without allocation: its libraries' code and data, its own tables and the stack that signals run on. */
enum { BARE_LIBRARIES = 16 << 20, BARE_DATA = 2 << 20, TRUSTED_STACK = 8 << 20 };

_Static_assert((int)WORKER_RUNS_MAX >= (int)LAYOUT_PLACES_MAX, "every place of a call is a run of its own");
_Static_assert((int)WORKER_VALUES_MAX >= (int)SPEC_ARGUMENTS_MAX, "every argument may be a number");

/* What the dynamic loader needs; a candidate's binary was vetted to need nothing else. */
static const char *const candidate_libraries[] = {
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib/x86_64-linux-gnu/libm.so.6",
    "/lib/x86_64-linux-gnu/libmvec.so.1",
    "/usr/lib/x86_64-linux-gnu/libgomp.so.1",
    "/lib/x86_64-linux-gnu/libgcc_s.so.1",
    "/etc/ld.so.cache",
};
static const char *const trusted_libraries[] = {
    "/lib", "/lib64", "/usr/lib", "/etc/ld.so.cache", "/etc/alternatives", "/sys/devices/system/cpu",
};

static size_t list_paths(const struct run_setup *setup, struct sandbox_path *path) {
    const char *const *library = setup->trusted ? trusted_libraries : candidate_libraries;
    size_t count = setup->trusted ? sizeof trusted_libraries / sizeof *trusted_libraries
                                  : sizeof candidate_libraries / sizeof *candidate_libraries;
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        path[n++] = (struct sandbox_path){.path = library[i], .access = SANDBOX_EXECUTE};
    path[n++] = (struct sandbox_path){.path = setup->worker, .access = SANDBOX_EXECUTE};
    path[n++] = (struct sandbox_path){.path = setup->stub, .access = SANDBOX_EXECUTE};
    path[n++] = (struct sandbox_path){.path = setup->solution, .access = SANDBOX_EXECUTE};
    assert(n <= PATHS_MAX);
    return n;
}

/* Where worker and grader share a core, or the solution uses all of them, a spinning grader would take from what it
 * measures: on two cores it turned a kernel of two threads from 2 ms into 6 ms. */
static bool may_spin(const struct run_setup *setup) {
    cpu_set_t ours;
    if (setup->threads > 1 || setup->cpu < 0 || sched_getaffinity(0, sizeof ours, &ours) != 0)
        return false;
    return CPU_COUNT(&ours) > 1 || !CPU_ISSET((size_t)setup->cpu, &ours);
}

/* The kernel schedules sessions as groups (autogroup), and a worker has a session of its own: the priority that it
 * inherits counts for nothing unless its group has it too. Only root can raise one, and only root gets here with a
 * negative value. */
static void lift_group(pid_t pid) {
    char path[64];
    int nice = getpriority(PRIO_PROCESS, 0);
    snprintf(path, sizeof path, "/proc/%d/autogroup", (int)pid);
    FILE *group = nice < 0 ? fopen(path, "we") : NULL;
    if (group == NULL)
        return;
    fprintf(group, "%d\n", nice);
    fclose(group);
}

static void fill_command(struct run *run, const struct sandbox_path *path, size_t path_count) {
    const struct run_setup *setup = &run->setup;
    struct worker_command *command = run->command;
    command->magic = WORKER_MAGIC;
    command->threads = setup->threads;
    command->landlock_abi = (uint32_t)setup->support->landlock_abi;
    command->seccomp = setup->support->seccomp;
    command->trusted = setup->trusted;
    command->path_count = (uint32_t)path_count;
    for (size_t i = 0; i < path_count; i++)
        snprintf(command->path[i], WORKER_PATH, "%s", path[i].path);
    snprintf(command->stub, WORKER_PATH, "%s", setup->stub);
    snprintf(command->solution, WORKER_PATH, "%s", setup->solution);
    assert(setup->function_count <= WORKER_FUNCTIONS_MAX);
    command->function_count = (uint32_t)setup->function_count;
    for (size_t i = 0; i < setup->function_count; i++)
        snprintf(command->function[i], WORKER_NAME, "%s", setup->function[i]);
    command->input_bytes = setup->arena.inputs->bytes;
    command->output_bytes = setup->arena.outputs->bytes;
}

static int open_memories(struct run *run, struct error *err) {
    size_t command_bytes = sizeof(struct worker_command) + run->setup.pointer_capacity * sizeof(struct worker_pointer);
    if (memory_open(&run->command_memory, "command page", command_bytes, true, err) != 0)
        return -1;
    if (memory_open(&run->response_memory, "response page", sizeof(struct worker_response), false, err) != 0)
        return -1;
    if (memory_open(&run->log, "captured output", LOG_BYTES, false, err) != 0)
        return -1;
    run->command = (struct worker_command *)run->command_memory.base;
    run->response = (struct worker_response *)run->response_memory.base;
    return 0;
}

/* Our end asks the kernel for the sender's pid and for the time of each send. */
static int open_socket(struct run *run, int *theirs, struct error *err) {
    int pair[2], on = 1;
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) != 0)
        return error_errno(err, "cannot create the worker's socket");
    run->socket = pair[0];
    *theirs = pair[1];
    if (setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0 ||
        setsockopt(pair[0], SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0)
        return error_errno(err, "cannot ask for send times on the worker's socket");
    return 0;
}

/* The whole environment of a worker. Thread pools must sleep as soon as a call returns, or their spinning would count
 * as work outside the clock. Nothing of the caller's environment gets through: an inherited OPENBLAS_CORETYPE can halve
 * a baseline. */
static void list_environment(unsigned threads, char text[][48], char **environment) {
    static const char *const fixed[] = {"LC_ALL=C", "LD_BIND_NOW=1", "OMP_WAIT_POLICY=passive", "GOMP_SPINCOUNT=0",
                                        "OPENBLAS_THREAD_TIMEOUT=4"};
    size_t n = 0;
    for (; n < sizeof fixed / sizeof *fixed; n++)
        snprintf(text[n], 48, "%s", fixed[n]);
    snprintf(text[n++], 48, "OMP_NUM_THREADS=%u", threads);
    snprintf(text[n++], 48, "OPENBLAS_NUM_THREADS=%u", threads);
    for (size_t i = 0; i < n; i++)
        environment[i] = text[i];
    environment[n] = NULL;
}

/* Address space beyond arguments and memory. Shared and stack mappings are bound by nothing else where there is no
 * control group, so it is no larger than libraries, a stack and, for each thread, a stack and a heap (of which the C
 * library maps twice the size to align it) can fill. */
static uint64_t address_overhead(const struct run_setup *setup) {
    const uint64_t libraries = (uint64_t)64 << 20, heap = (uint64_t)128 << 20;
    uint64_t each = setup->limits->stack_bytes + heap;
    if (!setup->trusted && setup->limits->no_allocation)
        return BARE_LIBRARIES + setup->limits->stack_bytes;
    return setup->trusted || setup->threads > 1 ? libraries + (setup->threads + 1) * each
                                                : libraries + setup->limits->stack_bytes;
}

/* Without allocation the C library hands out no memory, and system calls that the solution makes by hand get no more
 * than what is left over of this. The reference allocates all the same, on a stack of the usual size. */
static void limit_memory(const struct run *run, struct sandbox_policy *policy) {
    const struct run_setup *setup = &run->setup;
    const struct spec_limits *limits = setup->limits;
    const uint64_t arena = setup->arena.inputs->bytes + setup->arena.outputs->bytes + run->command_memory.bytes;
    const uint64_t stack = setup->trusted && limits->stack_bytes < TRUSTED_STACK ? TRUSTED_STACK : limits->stack_bytes;
    const uint64_t memory = setup->trusted ? (uint64_t)16 << 30 : limits->memory_bytes;
    const bool bare = !setup->trusted && limits->no_allocation;
    policy->address_bytes = arena + (bare ? limits->static_bytes : memory) + address_overhead(setup);
    policy->group_bytes = memory + ((uint64_t)32 << 20);
    policy->data_bytes = bare ? limits->static_bytes + BARE_DATA : policy->group_bytes;
    policy->stack_bytes = stack;
}

static int spawn(struct run *run, const struct sandbox_path *path, size_t path_count, int socket, struct error *err) {
    const struct run_setup *setup = &run->setup;
    struct sandbox_policy policy = {
        .kind = setup->trusted ? SANDBOX_TRUSTED : SANDBOX_CANDIDATE,
        .support = setup->support,
        .path = path,
        .path_count = path_count,
        .directory = "/",
        .file_bytes = 1 << 20,
        .cpu_s = 600,
        .processes = setup->threads + 4,
        .cpu = setup->cpu >= 0 ? &setup->cpu : NULL,
        .cpu_count = setup->cpu >= 0 ? 1 : 0,
    };
    limit_memory(run, &policy);
    char *argv[] = {(char *)setup->worker, NULL};
    char text[8][48], *environment[9];
    list_environment(setup->threads, text, environment);
    int fds[WORKER_FD_COUNT] = {run->command_memory.fd, run->response_memory.fd, setup->arena.inputs->fd,
                                setup->arena.outputs->fd, socket};
    return sandbox_spawn(&policy, argv, environment, fds, WORKER_FD_COUNT, run->log.fd, &run->child, err);
}

/* HELLO tells the pid; the first PARKED tells that the solution is loaded and the filter is on. */
static int await_parked(struct run *run, struct run_outcome *outcome, struct error *err) {
    int64_t load_ms = run->setup.load_ms > 0 ? run->setup.load_ms : LOAD_MS;
    int64_t deadline = clock_now_ns() + load_ms * 1000000;
    for (char message = 0; message != 'P';) {
        pid_t sender = 0;
        enum run_wait got = run_wait_message(run, deadline, &message, &sender, NULL);
        if (got == RUN_WAIT_MESSAGE) {
            run->pid = sender;
            continue;
        }
        char why[sizeof run->response->message];
        snprintf(why, sizeof why, "%.*s", (int)sizeof why - 1, run->response->message);
        uint32_t state = run->response->state, failure = run->response->failure;
        run_explain_death(run, got == RUN_WAIT_DEADLINE ? VERDICT_TIME_LIMIT : VERDICT_PASSED, outcome);
        if (got == RUN_WAIT_CANCELLED)
            return error_set(err, ERROR_HARNESS, "interrupted while starting the worker");
        if (state == WORKER_FAILED && failure == WORKER_FAILURE_LOAD) {
            outcome->verdict = VERDICT_REJECTED_BINARY;
            snprintf(outcome->detail, sizeof outcome->detail, "%s", why);
            return 0;
        }
        return error_set(err, ERROR_HARNESS, "the worker %s did not come up: %s; run `harness doctor`",
                         run->setup.worker, state == WORKER_FAILED ? why : outcome->detail);
    }
    lift_group(run->pid);
    run->load_base = run->response->load_base;
    run->inputs_base = run->response->inputs_base;
    run->outputs_base = run->response->outputs_base;
    *outcome = (struct run_outcome){.verdict = VERDICT_PASSED};
    return 0;
}

int run_open(const struct run_setup *setup, struct run **out, struct run_outcome *outcome, struct error *err) {
    struct run *run = calloc(1, sizeof *run);
    if (run == NULL)
        return error_errno(err, "cannot start a worker");
    run->setup = *setup;
    run->child = (struct sandbox_child){.pid = 0, .pidfd = -1};
    run->socket = -1;
    run->command_memory = run->response_memory = run->log = (struct memory)MEMORY_INIT;
    struct sandbox_path path[PATHS_MAX];
    size_t path_count = list_paths(setup, path);
    int theirs = -1, status = -1;
    if (open_memories(run, err) != 0 || open_socket(run, &theirs, err) != 0)
        goto out;
    run->may_spin = may_spin(setup);
    fill_command(run, path, path_count);
    if (spawn(run, path, path_count, theirs, err) != 0)
        goto out;
    close(theirs);
    theirs = -1;
    status = await_parked(run, outcome, err);
out:
    if (theirs >= 0)
        close(theirs);
    if (status != 0) {
        run_close(run);
        run = NULL;
    }
    *out = run;
    return status;
}

bool run_dead(const struct run *run) {
    return run->dead;
}

const char *run_output(const struct run *run, size_t *bytes) {
    size_t used = run->log.bytes;
    while (used > 0 && run->log.base[used - 1] == 0)
        used--;
    *bytes = used;
    return (const char *)run->log.base;
}

void run_blas(const struct run *run, char *core, size_t core_size, char *config, size_t config_size) {
    snprintf(core, core_size, "%.*s", (int)sizeof run->response->blas_core - 1, run->response->blas_core);
    snprintf(config, config_size, "%.*s", (int)sizeof run->response->blas_config - 1, run->response->blas_config);
}

void run_close(struct run *run) {
    if (run == NULL)
        return;
    if (!run->dead && run->child.pidfd >= 0)
        sandbox_reap(&run->child);
    memory_release(&run->command_memory);
    memory_release(&run->response_memory);
    memory_release(&run->log);
    if (run->socket >= 0)
        close(run->socket);
    free(run);
}
