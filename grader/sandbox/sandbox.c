/* SPDX-License-Identifier: MIT */
/* The grader's side of a child's life: prepare, clone, let go, and in the end kill and take away.
 *
 *   grader                               child
 *   spawn_start   -- clone -->           closes our pipe ends, maps its uid (ordinary user)
 *     cgroup, id maps (root)             waits
 *     one byte    -- go -->              the other steps of steps.c
 *     waits       <-- report --          step and errno, or end of file at exec
 *
 * With namespaces the cloned process becomes init (pid 1 there) and the program its child (pid 2). A compiler without
 * namespaces is the child of a keeper (keeper.c) in the same way. */
#include "grader/sandbox/sandbox.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "grader/sandbox/cgroup.h"
#include "grader/sandbox/spawn.h"

/* The only uid inside a namespace: not 0, so that exec leaves the program without capabilities there. */
enum { INNER_ID = 1000 };

char sandbox_level_letter(enum sandbox_level level) {
    return "ABCD"[level];
}

void sandbox_harden_self(void) {
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int sandbox_give(const char *path, struct error *err) {
    if (geteuid() == 0 && lchown(path, SANDBOX_NOBODY, SANDBOX_NOBODY) != 0)
        return error_errno(err, "cannot give %s to uid %d, which submissions run as", path, (int)SANDBOX_NOBODY);
    return 0;
}

void sandbox_clean_stale(void) {
    cgroup_clean_stale();
}

static void sort_paths(struct spawn *spawn) {
    const struct sandbox_policy *policy = spawn->policy;
    for (size_t i = 0; i < policy->path_count; i++) {
        size_t at = i;
        for (; at > 0 && strcmp(spawn->path[at - 1]->path, policy->path[i].path) > 0; at--)
            spawn->path[at] = spawn->path[at - 1];
        spawn->path[at] = &policy->path[i];
        spawn->tree[i] = -1;
    }
}

static void choose_ids(struct spawn *spawn) {
    const struct sandbox_policy *policy = spawn->policy;
    bool contained = policy->kind != SANDBOX_TRUSTED;
    spawn->namespaces = contained && policy->support->namespaces;
    spawn->keeper = policy->kind == SANDBOX_COMPILER && !spawn->namespaces;
    spawn->drop = contained && policy->support->uid_drop;
    uid_t outer_uid = spawn->drop ? SANDBOX_NOBODY : geteuid();
    gid_t outer_gid = spawn->drop ? SANDBOX_NOBODY : getegid();
    spawn->uid = !spawn->drop ? outer_uid : spawn->namespaces ? INNER_ID : outer_uid;
    spawn->gid = !spawn->drop ? outer_gid : spawn->namespaces ? INNER_ID : outer_gid;
    snprintf(spawn->id_map[0], sizeof spawn->id_map[0], "%u %u 1", spawn->uid, outer_uid);
    snprintf(spawn->id_map[1], sizeof spawn->id_map[1], "%u %u 1", spawn->gid, outer_gid);
    /* In a new user namespace the count of processes starts at zero, and its init is the first. */
    rlim_t others = spawn->namespaces ? 1 : policy->processes > 0 ? spawn_count_processes(outer_uid) : 0;
    spawn_limits_fill(policy, others, &spawn->limits);
}

static int open_pipes(struct spawn *spawn, struct error *err) {
    spawn->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (spawn->null_fd < 0 || pipe2(spawn->report_fd, O_CLOEXEC) != 0 || pipe2(spawn->go_fd, O_CLOEXEC) != 0 ||
        ((spawn->namespaces || spawn->keeper) && pipe2(spawn->status_fd, O_CLOEXEC) != 0))
        return error_errno(err, "cannot open /dev/null or a pipe to start %s",
                           spawn->argv != NULL ? spawn->argv[0] : "a sandbox");
    return 0;
}

static void close_one(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_all(struct spawn *spawn) {
    int *fds[] = {&spawn->null_fd,  &spawn->report_fd[0], &spawn->report_fd[1], &spawn->go_fd[0],
                  &spawn->go_fd[1], &spawn->status_fd[0], &spawn->status_fd[1]};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        close_one(fds[i]);
    namespaces_close_trees(spawn);
}

/* clone and not clone3: container profiles refuse clone3, whose flags they cannot read. Kernels without CLONE_PIDFD
 * ignore it and leave the descriptor alone. */
static pid_t clone_child(const struct spawn *spawn, int *pidfd) {
    unsigned long flags = SIGCHLD | CLONE_PIDFD | (spawn->namespaces ? NAMESPACES_CLONE_FLAGS : 0u);
    *pidfd = -1;
    pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, pidfd, NULL, 0);
    if (pid < 0 && errno == EINVAL && !spawn->namespaces)
        pid = (pid_t)syscall(SYS_clone, (unsigned long)SIGCHLD, NULL, NULL, NULL, 0);
    if (pid > 0 && *pidfd < 0)
        *pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    return pid;
}

static int explain(const struct spawn *spawn, const struct spawn_report *report, struct error *err) {
    const char *program = spawn->argv != NULL ? spawn->argv[0] : "a probe";
    const char *hint = report->error == EACCES && spawn->drop && !spawn->namespaces
                           ? "; submissions run as uid 65534, so every folder above it must let others pass (chmod o+x)"
                           : "";
    return error_set(err, ERROR_HARNESS, "cannot start %s in the sandbox: %s failed: %s%s%s", program,
                     spawn_step_name(report->step), strerror(report->error), error_remedy(report->error), hint);
}

/* Everything between clone and exec that only the parent may do. */
static int let_go(struct spawn *spawn, struct sandbox_child *child, struct error *err) {
    const struct sandbox_policy *policy = spawn->policy;
    bool limited = policy->kind != SANDBOX_TRUSTED && policy->support->cgroup;
    unsigned processes = policy->processes > 0 ? policy->processes + (spawn->namespaces || spawn->keeper ? 1 : 0) : 0;
    if (limited && cgroup_create(child->pid, policy->group_bytes > 0 ? policy->group_bytes : policy->data_bytes,
                                 processes, child->cgroup) != 0)
        return error_errno(err, "cannot put %s into a cgroup of its own",
                           spawn->argv != NULL ? spawn->argv[0] : "a probe");
    if (spawn->namespaces && spawn->drop && namespaces_write_maps(spawn, child->pid) != 0)
        return error_errno(err, "cannot map uid %d into a user namespace", (int)SANDBOX_NOBODY);
    struct spawn_report report = {0};
    /* A child that died already makes no SIGPIPE: the other end of the pipe is still open here as well. */
    ssize_t got = write(spawn->go_fd[1], "g", 1);
    close_one(&spawn->report_fd[1]);
    do
        got = read(spawn->report_fd[0], &report, sizeof report);
    while (got < 0 && errno == EINTR);
    if (got == 0)
        return 0;
    if (got != sizeof report)
        return error_set(err, ERROR_HARNESS, "cannot start a program in the sandbox: its report was cut short");
    return explain(spawn, &report, err);
}

int spawn_start(const struct sandbox_policy *policy, char *const argv[], char *const envp[], const int *fds,
                size_t fd_count, int log_fd, struct sandbox_child *child, struct error *err) {
    struct spawn spawn = {.policy = policy,
                          .argv = argv,
                          .envp = envp,
                          .fds = fds,
                          .fd_count = fd_count,
                          .log_fd = log_fd,
                          .null_fd = -1,
                          .report_fd = {-1, -1},
                          .go_fd = {-1, -1},
                          .status_fd = {-1, -1}};
    assert(policy->path_count <= SANDBOX_PATHS_MAX && fd_count <= SPAWN_FDS_MAX);
    *child = (struct sandbox_child){.pid = 0, .pidfd = -1, .status_fd = -1};
    sort_paths(&spawn);
    choose_ids(&spawn);
    int status = open_pipes(&spawn, err);
    if (status == 0 && spawn.namespaces && spawn.drop && namespaces_copy_trees(&spawn) != 0)
        status = error_errno(err, "cannot copy the mounts for a sandbox");
    if (status != 0)
        goto out;
    pid_t pid = clone_child(&spawn, &child->pidfd);
    if (pid == 0)
        spawn_child(&spawn);
    if (pid < 0) {
        status = error_errno(err, "cannot create a process for %s", argv != NULL ? argv[0] : "a probe");
        goto out;
    }
    child->pid = pid;
    child->in_namespace = spawn.namespaces;
    child->status_fd = spawn.status_fd[0];
    spawn.status_fd[0] = -1;
    close_one(&spawn.status_fd[1]);
    status = let_go(&spawn, child, err);
out:
    close_all(&spawn);
    if (status != 0)
        sandbox_reap(child);
    return status;
}

int sandbox_spawn(const struct sandbox_policy *policy, char *const argv[], char *const envp[], const int *fds,
                  size_t fd_count, int log_fd, struct sandbox_child *child, struct error *err) {
    assert(argv != NULL && argv[0] != NULL && argv[0][0] == '/');
    return spawn_start(policy, argv, envp, fds, fd_count, log_fd, child, err);
}

bool sandbox_dead(const struct sandbox_child *child) {
    siginfo_t info = {0};
    struct pollfd watched = {.fd = child->pidfd, .events = POLLIN};
    if (child->pid <= 0)
        return true;
    if (child->pidfd >= 0)
        return poll(&watched, 1, 0) == 1;
    return waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0;
}

/* The group's leader is dead and taken away; what it left was killed with it and is reaped by somebody else, so all
 * there is to do is look. */
static void await_group(pid_t group) {
    for (int i = 0; i < 200 && (kill(-group, 0) == 0 || errno == EPERM); i++)
        nanosleep(&(struct timespec){.tv_nsec = i < 20 ? 50000 : 1000000}, NULL);
}

void sandbox_reap(struct sandbox_child *child) {
    if (child->pid <= 0)
        return;
    /* The leader is not waited for yet, so neither its pid nor its group can belong to anybody else. */
    kill(child->pid, SIGKILL);
    if (!child->in_namespace)
        kill(-child->pid, SIGKILL);
    while (waitpid(child->pid, &child->status, 0) < 0 && errno == EINTR)
        continue;
    if (!child->in_namespace)
        await_group(child->pid);
    int status = 0;
    if (child->status_fd >= 0 && read(child->status_fd, &status, sizeof status) == sizeof status)
        child->status = status;
    child->out_of_memory = cgroup_out_of_memory(child->cgroup);
    cgroup_remove(child->cgroup);
    close_one(&child->status_fd);
    close_one(&child->pidfd);
    child->pid = 0;
}
