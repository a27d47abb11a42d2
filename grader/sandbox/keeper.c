/* SPDX-License-Identifier: MIT */
/* Where there is no pid namespace, a compiler gets a keeper: the leader of its process group, which outlives a killed
 * grader for as long as it takes to kill the group. Without one only the gcc that the grader started would die with it
 * (the kernel's signal for that is not inherited), and cc1 would go on with whatever the source keeps it busy with.
 *
 * Like everything between clone and exec it is a copy of the grader and makes only system calls. */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/sandbox/spawn.h"

static _Noreturn void keep(const struct spawn *spawn, pid_t program, const sigset_t *awaited) {
    int status_fd = spawn->status_fd[1];
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (status_fd > 0)
        close_range(0, (unsigned)status_fd - 1, 0);
    close_range((unsigned)status_fd + 1, ~0U, 0);
    for (;;) {
        int status = 0, number = sigwaitinfo(awaited, NULL);
        if (number == SIGTERM)
            kill(0, SIGKILL);
        if (number != SIGCHLD || (pid_t)syscall(SYS_wait4, program, &status, WNOHANG, NULL) != program)
            continue;
        ssize_t put = write(status_fd, &status, sizeof status);
        _exit(put == sizeof status ? 0 : 1);
    }
}

int keeper_fork(struct spawn *spawn) {
    sigset_t awaited, all;
    sigfillset(&all);
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGTERM);
    /* An ignored SIGCHLD, as a caller may hand it down, would never come and take the status with it. */
    const struct sigaction by_default = {.sa_handler = SIG_DFL};
    if (sigaction(SIGCHLD, &by_default, NULL) != 0 || sigaction(SIGTERM, &by_default, NULL) != 0 ||
        sigprocmask(SIG_SETMASK, &all, NULL) != 0 || prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0)
        return -1;
    pid_t program = (pid_t)syscall(SYS_clone, SIGCHLD, 0, NULL, NULL, 0);
    if (program > 0)
        keep(spawn, program, &awaited);
    if (program == 0) {
        close(spawn->status_fd[1]);
        return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    }
    return -1;
}
