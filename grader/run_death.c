/* SPDX-License-Identifier: MIT */
/* From the way a worker ended to a verdict and a sentence. The details come from the worker's page and may be forged;
 * the class comes from the kernel, and none of the classes here is a pass. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "grader/run_private.h"
#include "grader/sandbox/seccomp.h"

enum { EXIT_WORKER_FAILED = 97, EXIT_FORBIDDEN_CALL = 98 };

static const char *argument_name(const struct trial *trial, size_t place) {
    return place < trial->tensor_count ? trial->tensor[place].name : "a gauge";
}

bool run_explain_address(const struct layout *layout, const struct trial *trial, uint64_t offset, bool writable,
                         char *text, size_t size) {
    const int64_t near_bytes = 1 << 20;
    int64_t best = near_bytes;
    for (size_t i = 0; i < layout->place_count; i++) {
        const struct place *place = &layout->place[i];
        if (!place->pointer || place->null || place->writable != writable)
            continue;
        int64_t start = (int64_t)place->offset, size_bytes = (int64_t)dtype_info(place->type)->bytes;
        int64_t end = start + (int64_t)(place->stride * (layout->slots - 1) + place->bytes);
        int64_t at = (int64_t)offset, last = (int64_t)layout->slots - 1, stride = (int64_t)place->stride;
        int64_t away = at < start ? start - at : at >= end ? at - end : 0;
        if (away >= best)
            continue;
        best = away;
        const char *name = argument_name(trial, i);
        const char *type = dtype_info(place->type)->c_name;
        int64_t slot = at < start ? 0 : (at - start) / stride < last ? (at - start) / stride : last;
        long long element = (long long)((at - start - slot * stride) / size_bytes);
        if (at < start)
            snprintf(text, size, "%lld bytes before the start of %s", (long long)away, name);
        else if (at >= end)
            snprintf(text, size, "%s[%lld], past its end: %s holds %lld elements (%s)", name, element, name,
                     (long long)place->count, type);
        else
            snprintf(text, size, "%s[%lld], which is an input and read-only", name, element);
    }
    return best < near_bytes;
}

static void explain_fault(struct run *run, int number, uint64_t address, char *text, size_t size) {
    char where[200];
    const char *name = strsignal(number);
    text[0] = '\0';
    if (number == SIGKILL) {
        snprintf(text, size,
                 "it was killed (signal 9) by itself, by somebody else, or by a machine without free memory");
        return;
    }
    if (number != SIGSEGV && number != SIGBUS) {
        snprintf(text, size, "it died of signal %d (%s)", number, name);
        return;
    }
    bool explained = false;
    if (run->trial != NULL && address >= run->inputs_base &&
        address < run->inputs_base + run->setup.arena.inputs->bytes)
        explained =
            run_explain_address(run->layout, run->trial, address - run->inputs_base, false, where, sizeof where);
    if (!explained && run->trial != NULL && address >= run->outputs_base &&
        address < run->outputs_base + run->setup.arena.outputs->bytes)
        explained =
            run_explain_address(run->layout, run->trial, address - run->outputs_base, true, where, sizeof where);
    if (explained)
        snprintf(text, size, "%s while touching %s", number == SIGBUS ? "SIGBUS" : "SIGSEGV", where);
    else if (address < 65536)
        snprintf(text, size,
                 "SIGSEGV through a null pointer (address 0x%llx): an argument that may be NULL, or a malloc "
                 "that failed?",
                 (unsigned long long)address);
    else
        snprintf(text, size,
                 "%s at address 0x%llx, which belongs to no argument (a wild index, or the stack is used up: "
                 "it has %llu KiB)",
                 number == SIGBUS ? "SIGBUS" : "SIGSEGV", (unsigned long long)address,
                 (unsigned long long)run->setup.limits->stack_bytes / 1024);
}

static void explain_memory(const struct run *run, struct run_outcome *outcome) {
    outcome->verdict = VERDICT_MEMORY_LIMIT;
    snprintf(outcome->detail, sizeof outcome->detail, "it used up the %llu MiB that it may use beyond its arguments",
             (unsigned long long)run->setup.limits->memory_bytes >> 20);
}

static void explain_signal(struct run *run, int number, struct run_outcome *outcome) {
    const struct worker_response *claim = run->response;
    if (number == SIGSYS) { /* first: the kernel's word against a page on which memory may be claimed to be short */
        outcome->verdict = VERDICT_FORBIDDEN_CALL;
        snprintf(outcome->detail, sizeof outcome->detail,
                 "a system call was made that no solution needs: one of a foreign kind (32-bit or x32), or one while "
                 "SIGSYS was blocked");
        return;
    }
    if (run->child.out_of_memory || (claim->near_limit && !run->setup.limits->no_allocation)) {
        explain_memory(run, outcome);
        return;
    }
    if (number == SIGXCPU) {
        outcome->verdict = VERDICT_TIME_LIMIT;
        snprintf(outcome->detail, sizeof outcome->detail, "it used up its CPU time");
        return;
    }
    outcome->verdict = VERDICT_CRASHED;
    explain_fault(run, number, claim->signal == number ? claim->address : UINT64_MAX, outcome->detail,
                  sizeof outcome->detail);
    if (claim->signal == number && claim->instruction > run->load_base)
        outcome->instruction = claim->instruction - run->load_base;
}

static void explain_exit(struct run *run, int code, struct run_outcome *outcome) {
    const struct worker_response *claim = run->response;
    if (code == EXIT_FORBIDDEN_CALL && claim->signal == SIGSYS) {
        const char *name = seccomp_name((long)claim->system_call);
        outcome->verdict = VERDICT_FORBIDDEN_CALL;
        snprintf(outcome->detail, sizeof outcome->detail,
                 "it made the system call %s (number %lld), which no solution needs", name != NULL ? name : "unknown",
                 (long long)claim->system_call);
        if (claim->instruction > run->load_base)
            outcome->instruction = claim->instruction - run->load_base;
        return;
    }
    if (code == EXIT_WORKER_FAILED && claim->failure == WORKER_FAILURE_SETUP) {
        explain_memory(run, outcome);
        return;
    }
    outcome->verdict = VERDICT_EXITED;
    snprintf(outcome->detail, sizeof outcome->detail, "it ended its process with exit code %d instead of returning",
             code);
}

void run_explain_death(struct run *run, enum verdict stopped, struct run_outcome *outcome) {
    *outcome = (struct run_outcome){.verdict = stopped};
    sandbox_reap(&run->child);
    run->dead = true;
    if (stopped != VERDICT_PASSED)
        return;
    int status = run->child.status;
    if (WIFSIGNALED(status))
        explain_signal(run, WTERMSIG(status), outcome);
    else
        explain_exit(run, WIFEXITED(status) ? WEXITSTATUS(status) : -1, outcome);
}
