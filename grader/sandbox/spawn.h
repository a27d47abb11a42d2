/* SPDX-License-Identifier: MIT */
/* What the two sides of a spawn share. Only grader/sandbox includes this.
 *
 * The child is a copy of the grader between clone and exec, and the grader may have other threads: nothing in there
 * may allocate, lock or print. So everything is worked out by the parent and lies ready in one struct. */
#ifndef GRADER_SANDBOX_SPAWN_H
#define GRADER_SANDBOX_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

#include "grader/sandbox/sandbox.h"

enum { SPAWN_LIMITS_MAX = 12, SPAWN_FDS_MAX = 16 };

struct spawn_limit {
    int resource;
    struct rlimit value;
};

struct spawn_limits {
    struct spawn_limit row[SPAWN_LIMITS_MAX];
    size_t count;
};

struct spawn {
    const struct sandbox_policy *policy;
    char *const *argv; /* NULL: stop before exec and report success (a probe) */
    char *const *envp;
    const int *fds;
    size_t fd_count;
    int log_fd;
    int null_fd; /* /dev/null, open for both */
    bool namespaces;
    bool keeper; /* a compiler without a pid namespace: see keeper.c */
    bool drop;   /* we are root: become `uid` */
    uid_t uid;   /* the program's ids, as it sees them itself */
    gid_t gid;
    int report_fd[2]; /* child to parent: a failed step; end of file means that exec went well */
    int go_fd[2];     /* parent to child: one byte once cgroup and id maps are in place; stays open while it starts */
    int status_fd[2]; /* init or keeper to parent: the program's wait status */
    struct spawn_limits limits;
    char id_map[2][64];                                 /* uid, gid: "inner outer 1" */
    const struct sandbox_path *path[SANDBOX_PATHS_MAX]; /* sorted, so that a folder comes before what is inside it */
    int tree[SANDBOX_PATHS_MAX];                        /* detached copies of their mounts; -1 if missing */
};

struct spawn_report { /* what goes through report_fd */
    int step;
    int error;
};

/* Child: goes through the table of steps and ends in exec or _exit. */
_Noreturn void spawn_child(struct spawn *spawn);
/* Parent: the name of a step, for the error's sentence. */
const char *spawn_step_name(int step);

/* Rlimits of a policy; `others` is how many processes the uid has already. */
void spawn_limits_fill(const struct sandbox_policy *policy, rlim_t others, struct spawn_limits *limits);
int spawn_limits_set(const struct spawn_limits *limits);
/* Processes and threads of a uid that run now: RLIMIT_NPROC counts them all. */
rlim_t spawn_count_processes(uid_t uid);

/* namespaces.c; all return 0, or -1 with errno. */
enum { NAMESPACES_CLONE_FLAGS = 0x7e020000 }; /* NEWNS NEWCGROUP NEWUTS NEWIPC NEWUSER NEWPID NEWNET */
int namespaces_copy_trees(struct spawn *spawn);
void namespaces_close_trees(struct spawn *spawn);
int namespaces_write_maps(const struct spawn *spawn, pid_t pid);
int namespaces_map_self(struct spawn *spawn);
int namespaces_build_root(struct spawn *spawn);
int namespaces_fork_init(struct spawn *spawn);

/* keeper.c; likewise. */
int keeper_fork(struct spawn *spawn);

/* What sandbox_spawn does; argv NULL only tries the set-up. */
int spawn_start(const struct sandbox_policy *policy, char *const argv[], char *const envp[], const int *fds,
                size_t fd_count, int log_fd, struct sandbox_child *child, struct error *err);

#endif
