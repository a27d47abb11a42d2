/* SPDX-License-Identifier: MIT */
/* The victim: it only sleeps, and lets itself be traced by anybody whom the kernel lets. */
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "grader/sandbox/sandbox.h"
#include "tests/hostile/canary.h"

static unsigned word_at(const struct victim *victim, size_t i) {
    return victim->key ^ (unsigned)(i * 2654435761u);
}

static _Noreturn void be_victim(pid_t parent) {
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setresgid(SANDBOX_NOBODY, SANDBOX_NOBODY, SANDBOX_NOBODY) != 0 ||
                           setresuid(SANDBOX_NOBODY, SANDBOX_NOBODY, SANDBOX_NOBODY) != 0))
        _exit(1);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_DUMPABLE, 1);
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    /* The fate of the parent may have been decided before the signal was asked for. */
    if (getppid() != parent)
        _exit(1);
    for (;;)
        pause();
}

bool victim_start(struct victim *victim) {
    const pid_t self = getpid();
    *victim = (struct victim){.pid = -1};
    victim->memory =
        mmap(NULL, VICTIM_WORDS * sizeof *victim->memory, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (victim->memory == MAP_FAILED || getrandom(&victim->key, sizeof victim->key, 0) != sizeof victim->key)
        return false;
    for (size_t i = 0; i < VICTIM_WORDS; i++)
        victim->memory[i] = word_at(victim, i);
    victim->pid = fork();
    if (victim->pid == 0)
        be_victim(self);
    errno = 0;
    victim->nice = getpriority(PRIO_PROCESS, (id_t)victim->pid);
    return victim->pid > 0 && getrlimit(RLIMIT_NOFILE, &victim->files) == 0;
}

static char state_of(pid_t pid) {
    char path[48], state = '?';
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return '?';
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = '?';
    fclose(file);
    return state;
}

bool victim_whole(struct victim *victim, char *why, size_t size) {
    struct rlimit files = victim->files;
    const char *what = NULL;
    siginfo_t info = {0};
    const char state = state_of(victim->pid);
    /* Also a stop that is over by now is news to the parent. */
    const int news = WEXITED | WSTOPPED | WCONTINUED | WNOHANG | WNOWAIT;
    if (waitid(P_PID, (id_t)victim->pid, &info, news) != 0)
        what = "is gone";
    else if (info.si_pid != 0 || strchr("tT?", state) != NULL)
        what = info.si_code == CLD_STOPPED || info.si_code == CLD_CONTINUED ? "was stopped" : "is dead";
    for (size_t i = 0; i < VICTIM_WORDS && what == NULL; i++)
        if (victim->memory[i] != word_at(victim, i))
            what = "has other memory than before";
    if (what == NULL && getpriority(PRIO_PROCESS, (id_t)victim->pid) != victim->nice)
        what = "has another priority than before";
    if (what == NULL && prlimit(victim->pid, RLIMIT_NOFILE, NULL, &files) == 0 &&
        (files.rlim_cur != victim->files.rlim_cur || files.rlim_max != victim->files.rlim_max))
        what = "has other limits than before";
    if (what != NULL)
        snprintf(why, size, "the victim %s", what);
    return what == NULL;
}

void victim_stop(struct victim *victim) {
    if (victim->pid > 0) {
        kill(victim->pid, SIGKILL);
        while (waitpid(victim->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    if (victim->memory != NULL && victim->memory != MAP_FAILED)
        munmap(victim->memory, VICTIM_WORDS * sizeof *victim->memory);
    *victim = (struct victim){.pid = -1};
}
