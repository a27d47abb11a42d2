/* SPDX-License-Identifier: MIT */
/* Containment. A child is started through a table of layers; each is used where the machine offers it, and what was
 * used is printed with every result.
 *
 *   core      strict seccomp filter (grader/sandbox/seccomp.h), Landlock, rlimits, ELF vet: needs no privilege
 *   optional  user, mount, pid, net, ipc, uts and cgroup namespaces with pivot_root; another uid; memory+pids cgroup
 *
 *   A  core + namespaces        B  core with Landlock        C  core without Landlock
 *   D  rlimits only: refused unless asked for by name
 *
 * With namespaces but without Landlock a machine counts as B: pivot_root hides the files as well as Landlock would.
 *
 * The strict filter must come after dlopen, so the worker puts it on itself (seccomp.h); it may also narrow its own
 * file view once more (landlock.h). Everything else happens here between fork and exec, Landlock on `path` included.
 *
 * Without a pid namespace a tree of processes is killed by its process group. That is complete because nothing that
 * runs under one of the two filters can leave the group; at level D it is not. */
#ifndef GRADER_SANDBOX_SANDBOX_H
#define GRADER_SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "grader/error.h"

enum sandbox_level { SANDBOX_A, SANDBOX_B, SANDBOX_C, SANDBOX_D };

/* 'A' .. 'D' */
char sandbox_level_letter(enum sandbox_level level);

struct sandbox_support {
    bool seccomp;
    int landlock_abi;         /* 0: not there */
    bool namespaces;          /* the whole sequence userns+mounts+pivot_root was tried and worked */
    bool uid_drop;            /* we are root and can become nobody */
    bool cgroup;              /* memory and pids controllers are writable (v1 or v2) */
    enum sandbox_level level; /* the best this machine offers */
    char active[200];         /* "rlimits seccomp landlock-7 namespaces uid=65534 cgroup-v1" */
    char missing[200];        /* "cgroup (not root)": empty if nothing */
    /* What the attempt ended in, where one was made and failed: "building its root failed: Operation not permitted" */
    char no_seccomp[200], no_namespaces[200];
};

/* Probes once per process start (a few milliseconds); `at_most` hides layers above that level (SANDBOX_A hides none).
 */
void sandbox_probe(enum sandbox_level at_most, struct sandbox_support *support);

/* The uid and gid that a child of root runs as. */
enum { SANDBOX_NOBODY = 65534 };

/* At most this many entries in sandbox_policy.path. */
enum { SANDBOX_PATHS_MAX = 64 };

enum sandbox_kind {
    SANDBOX_CANDIDATE, /* worker with a candidate's code: every layer there is */
    SANDBOX_TRUSTED,   /* worker with a challenge's reference: rlimits only, no other uid */
    SANDBOX_COMPILER   /* gcc on a candidate's file: every layer; its filter is a deny-list and is put on before exec */
};

enum sandbox_access {
    SANDBOX_READ,
    SANDBOX_EXECUTE,
    SANDBOX_WRITE
}; /* each includes the ones before: EXECUTE reads,
    * WRITE reads and writes but never executes */
struct sandbox_path {
    const char *path; /* absolute; a file or a folder; one that is missing is passed over */
    enum sandbox_access access;
};

struct sandbox_policy {
    enum sandbox_kind kind;
    const struct sandbox_support *support;
    const struct sandbox_path
        *path; /* all that the child may see: bind mounts and Landlock rules come from this table */
    size_t path_count;
    const char *directory;  /* working folder inside */
    uint64_t address_bytes; /* RLIMIT_AS; here and below 0 sets no limit */
    uint64_t data_bytes;    /* RLIMIT_DATA, and the cgroup's memory limit unless group_bytes has another */
    uint64_t group_bytes;
    uint64_t stack_bytes;
    uint64_t file_bytes; /* RLIMIT_FSIZE */
    unsigned cpu_s;      /* RLIMIT_CPU */
    unsigned processes;  /* pids cgroup and RLIMIT_NPROC */
    const int *cpu;      /* affinity, or NULL */
    size_t cpu_count;
};

struct sandbox_child {
    pid_t pid; /* our own child: the program itself, or the init of its pid namespace, or its keeper */
    int pidfd; /* of `pid`; readable when it is dead */
    bool in_namespace;
    int status_fd;       /* where an init or a keeper leaves its program's status, or -1 */
    char cgroup[2][256]; /* folders to kill and remove; empty strings if none */
    bool out_of_memory;  /* set by sandbox_reap: the cgroup killed it */
    int status;          /* set by sandbox_reap: as waitpid says; an init or a keeper passes its child's status on */
};

/* Starts argv[0] (absolute path) with exactly this environment. fds[i] becomes descriptor 3+i; stdin is /dev/null;
 * stdout and stderr are `log_fd`; everything else is closed. Returns when argv[0] has
 * been executed. Death of the calling thread kills the child, so spawn from one that lives on. As root the program runs
 * as SANDBOX_NOBODY: without namespaces every file it needs must be open to that uid (sandbox_give), with namespaces
 * the folders above them need not be. */
int sandbox_spawn(const struct sandbox_policy *policy, char *const argv[], char *const envp[], const int *fds,
                  size_t fd_count, int log_fd, struct sandbox_child *child, struct error *err);

/* True if it is dead; does not block. */
bool sandbox_dead(const struct sandbox_child *child);

/* Kills whatever is left, waits, removes the cgroup, closes the pidfd. Safe on a child that was never started
 * ({.pid = 0, .pidfd = -1}). */
void sandbox_reap(struct sandbox_child *child);

/* Makes a folder of ours usable by the uid that a child runs as (chown to the dropped uid when we are root). */
int sandbox_give(const char *path, struct error *err);

/* Removes what a killed grader left behind here: cgroups whose owner no longer lives (and what still runs in them).
 * Scratch folders are cleaned by who makes them. */
void sandbox_clean_stale(void);

/* Lets the uid that children run as own this file or folder. Nothing to do unless we are root. */
int sandbox_give(const char *path, struct error *err);

/* Hides the calling process from ptrace and /proc/PID/mem of others with the same uid, and from core dumps. */
void sandbox_harden_self(void);

#endif
