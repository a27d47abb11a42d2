/* SPDX-License-Identifier: MIT */
/* The child's side, between clone and exec. What happens there is the table at the end of this file, read from top to
 * bottom; a step that fails is named in the grader's error. Only system calls from here on: see spawn.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "grader/sandbox/landlock.h"
#include "grader/sandbox/seccomp.h"
#include "grader/sandbox/spawn.h"

/* A session of its own: no terminal to type into, no Ctrl-C meant for the grader, and a group to kill. */
static int start_session(struct spawn *spawn) {
    close(spawn->go_fd[1]);
    close(spawn->report_fd[0]);
    if (spawn->status_fd[0] >= 0)
        close(spawn->status_fd[0]);
    umask(022);
    return setsid() < 0 ? -1 : 0;
}

static int await_go(struct spawn *spawn) {
    char go;
    ssize_t got;
    do
        got = read(spawn->go_fd[0], &go, 1);
    while (got < 0 && errno == EINTR);
    if (got == 0)
        errno = ECANCELED;
    return got == 1 ? 0 : -1;
}

/* The C library's own setresuid tells all threads of a process; this copy has one, and a list of those it left behind.
 */
static int take_ids(struct spawn *spawn) {
    if (syscall(SYS_setgroups, 0, NULL) != 0 || syscall(SYS_setresgid, spawn->gid, spawn->gid, spawn->gid) != 0)
        return -1;
    return (int)syscall(SYS_setresuid, spawn->uid, spawn->uid, spawn->uid);
}

/* A change of uid clears the signal, so this comes after it; a parent that died in between has closed its pipe. */
static int die_with_grader(struct spawn *spawn) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        return -1;
    struct pollfd parent = {.fd = spawn->go_fd[0], .events = POLLIN};
    if (poll(&parent, 1, 0) == 1 && (parent.revents & POLLHUP) != 0) {
        errno = ECANCELED;
        return -1;
    }
    return 0;
}

/* Copies go above all targets first, because a source may lie where another target will be. Every one but the program's
 * own closes on exec. */
static int place_descriptors(struct spawn *spawn) {
    const int first = 3, above = first + (int)spawn->fd_count;
    int null_copy = fcntl(spawn->null_fd, F_DUPFD_CLOEXEC, above);
    int log_copy = fcntl(spawn->log_fd >= 0 ? spawn->log_fd : spawn->null_fd, F_DUPFD_CLOEXEC, above);
    int report_copy = fcntl(spawn->report_fd[1], F_DUPFD_CLOEXEC, above);
    if (null_copy < 0 || log_copy < 0 || report_copy < 0)
        return -1;
    spawn->report_fd[1] = report_copy;
    int copy[SPAWN_FDS_MAX];
    for (size_t i = 0; i < spawn->fd_count; i++)
        if ((copy[i] = fcntl(spawn->fds[i], F_DUPFD_CLOEXEC, above)) < 0)
            return -1;
    for (size_t i = 0; i < spawn->fd_count; i++)
        if (dup2(copy[i], first + (int)i) < 0)
            return -1;
    if (dup2(null_copy, STDIN_FILENO) < 0 || dup2(log_copy, STDOUT_FILENO) < 0 || dup2(log_copy, STDERR_FILENO) < 0)
        return -1;
    return close_range((unsigned)above, ~0U, CLOSE_RANGE_CLOEXEC);
}

static int enter_directory(struct spawn *spawn) {
    return chdir(spawn->policy->directory != NULL ? spawn->policy->directory : "/");
}

static int pin_to_cpus(struct spawn *spawn) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (size_t i = 0; i < spawn->policy->cpu_count; i++)
        CPU_SET((size_t)spawn->policy->cpu[i], &set);
    return sched_setaffinity(0, sizeof set, &set);
}

/* exec keeps what is ignored and what is blocked; a program must start with neither. */
static int reset_signals(struct spawn *spawn) {
    (void)spawn;
    const struct sigaction by_default = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++)
        sigaction(number, &by_default, NULL);
    sigset_t none;
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL);
}

static int give_up_privileges(struct spawn *spawn) {
    (void)spawn;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int confine_files(struct spawn *spawn) {
    return landlock_restrict(spawn->policy->support->landlock_abi, spawn->policy->path, spawn->policy->path_count);
}

static int set_limits(struct spawn *spawn) {
    return spawn_limits_set(&spawn->limits);
}

static int filter_calls(struct spawn *spawn) {
    (void)spawn;
    return seccomp_compiler();
}

static int execute(struct spawn *spawn) {
    if (spawn->argv == NULL)
        _exit(0);
    execve(spawn->argv[0], spawn->argv, spawn->envp);
    return -1;
}

static bool always(const struct spawn *spawn) {
    (void)spawn;
    return true;
}

static bool own_namespaces(const struct spawn *spawn) {
    return spawn->namespaces;
}

static bool maps_itself(const struct spawn *spawn) {
    return spawn->namespaces && !spawn->drop;
}

static bool drops_ids(const struct spawn *spawn) {
    return spawn->drop;
}

static bool kept(const struct spawn *spawn) {
    return spawn->keeper;
}

static bool pinned(const struct spawn *spawn) {
    return spawn->policy->cpu != NULL && spawn->policy->cpu_count > 0;
}

static bool has_landlock(const struct spawn *spawn) {
    return spawn->policy->kind != SANDBOX_TRUSTED && spawn->policy->support->landlock_abi > 0;
}

static bool filtered(const struct spawn *spawn) {
    return spawn->policy->kind == SANDBOX_COMPILER && spawn->policy->support->seccomp;
}

static const struct step {
    const char *name;
    bool (*wanted)(const struct spawn *spawn);
    int (*run)(struct spawn *spawn);
} steps[] = {
    {"starting a session", always, start_session},
    {"mapping its uid", maps_itself, namespaces_map_self},
    {"waiting for the grader", always, await_go},
    {"copying mounts", maps_itself, namespaces_copy_trees},
    {"becoming nobody", drops_ids, take_ids},
    {"binding its life to the grader's", always, die_with_grader},
    {"building its root", own_namespaces, namespaces_build_root},
    {"forking from its init", own_namespaces, namespaces_fork_init},
    {"forking from its keeper", kept, keeper_fork},
    {"placing descriptors", always, place_descriptors},
    {"entering its folder", always, enter_directory},
    {"pinning to a core", pinned, pin_to_cpus},
    {"resetting signals", always, reset_signals},
    {"giving up privileges", always, give_up_privileges},
    {"confining files with Landlock", has_landlock, confine_files},
    {"setting limits", always, set_limits},
    {"filtering system calls", filtered, filter_calls},
    {"executing the program", always, execute},
};

const char *spawn_step_name(int step) {
    return step >= 0 && step < (int)(sizeof steps / sizeof *steps) ? steps[step].name : "starting";
}

_Noreturn void spawn_child(struct spawn *spawn) {
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (!steps[i].wanted(spawn) || steps[i].run(spawn) == 0)
            continue;
        struct spawn_report report = {.step = (int)i, .error = errno};
        ssize_t put = write(spawn->report_fd[1], &report, sizeof report);
        _exit(put == sizeof report ? 126 : 125);
    }
    _exit(125);
}
