/* SPDX-License-Identifier: MIT */
/* Turns a fault into facts for the message: which signal, which address, which instruction. The solution can forge all
 * of it, but only to blame itself in other words: none of it can turn a death into a pass. */
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "grader/worker/worker.h"

/* The handler has no argument of ours, so the page's address has to be somewhere: the one static of the worker. */
static struct worker_response *fault_page;

/* A few megabytes that cannot be mapped tell a death by the memory limit from a plain wild pointer. */
static bool memory_is_short(void) {
    enum { PROBE = 8 << 20 };
    void *probe = mmap(NULL, PROBE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (probe == MAP_FAILED)
        return true;
    munmap(probe, PROBE);
    return false;
}

static void on_fault(int number, siginfo_t *info, void *context) {
    const ucontext_t *machine = context;
    struct worker_response *page = fault_page;
    page->signal = number;
    page->code = info->si_code;
    page->instruction = (uint64_t)machine->uc_mcontext.gregs[REG_RIP];
    page->near_limit = memory_is_short();
    if (number == SIGSYS) {
        page->system_call = info->si_syscall;
        _exit(98);
    }
    page->address = (uint64_t)info->si_addr;
    /* With the default action back in place the instruction faults again and the process dies of its own signal. */
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigaction(number, &plain, NULL);
    if (info->si_code <= 0)
        raise(number);
}

void worker_catch_faults(struct worker *worker) {
    enum { ALTERNATE_STACK = 64 << 10 };
    fault_page = worker->response;
    fault_page->system_call = -1;
    void *stack = mmap(NULL, ALTERNATE_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED)
        worker_fail(worker, WORKER_FAILURE_SETUP, "setting up the signal stack", "out of memory");
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = ALTERNATE_STACK}, NULL);
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    static const int caught[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS};
    for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++)
        sigaction(caught[i], &action, NULL);
}
