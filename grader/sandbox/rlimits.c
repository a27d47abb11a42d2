/* SPDX-License-Identifier: MIT */
/* Limits of one process. They need no privilege and are on at every level. */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "grader/sandbox/spawn.h"

/* A worker has its five descriptors and the loader's one or two; a compiler's linker opens many files at once. */
enum { CANDIDATE_FILES = 24, OTHER_FILES = 256 };

/* Processes that start while we count, and those we cannot see, must not make an honest child fail. */
enum { PROCESS_SLACK = 64 };

static void add(struct spawn_limits *limits, int resource, uint64_t soft, uint64_t hard) {
    limits->row[limits->count++] = (struct spawn_limit){resource, {(rlim_t)soft, (rlim_t)hard}};
}

static void add_if(struct spawn_limits *limits, int resource, uint64_t value) {
    if (value > 0)
        add(limits, resource, value, value);
}

void spawn_limits_fill(const struct sandbox_policy *policy, rlim_t others, struct spawn_limits *limits) {
    const uint64_t files = policy->kind == SANDBOX_CANDIDATE ? CANDIDATE_FILES : OTHER_FILES;
    limits->count = 0;
    add(limits, RLIMIT_CORE, 0, 0);
    add(limits, RLIMIT_NOFILE, files, files);
    add(limits, RLIMIT_MEMLOCK, 0, 0);
    add(limits, RLIMIT_MSGQUEUE, 0, 0);
    add_if(limits, RLIMIT_FSIZE, policy->file_bytes);
    add_if(limits, RLIMIT_AS, policy->address_bytes);
    add_if(limits, RLIMIT_DATA, policy->data_bytes);
    add_if(limits, RLIMIT_STACK, policy->stack_bytes);
    if (policy->cpu_s > 0) /* first SIGXCPU, which says why; a second later SIGKILL, which cannot be caught */
        add(limits, RLIMIT_CPU, policy->cpu_s, policy->cpu_s + 1);
    if (policy->processes > 0)
        add_if(limits, RLIMIT_NPROC, others + policy->processes);
}

/* Only ever lower: an ordinary user may not raise a hard limit, and a caller's lower limit is its own wish. */
int spawn_limits_set(const struct spawn_limits *limits) {
    for (size_t i = 0; i < limits->count; i++) {
        struct rlimit now, wanted = limits->row[i].value;
        if (getrlimit((__rlimit_resource_t)limits->row[i].resource, &now) != 0)
            return -1;
        if (wanted.rlim_max > now.rlim_max)
            wanted.rlim_max = now.rlim_max;
        if (wanted.rlim_cur > wanted.rlim_max)
            wanted.rlim_cur = wanted.rlim_max;
        if (setrlimit((__rlimit_resource_t)limits->row[i].resource, &wanted) != 0)
            return -1;
    }
    return 0;
}

/* The kernel counts processes of a uid over the whole machine unless a user namespace starts the count anew. The link
 * count of /proc/PID/task is the number of threads and two. */
rlim_t spawn_count_processes(uid_t uid) {
    DIR *folder = opendir("/proc");
    rlim_t count = PROCESS_SLACK;
    if (folder == NULL)
        return count;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[300];
        struct stat info;
        snprintf(path, sizeof path, "/proc/%s/task", entry->d_name);
        if (isdigit((unsigned char)entry->d_name[0]) && stat(path, &info) == 0 && info.st_uid == uid &&
            info.st_nlink > 2)
            count += info.st_nlink - 2;
    }
    closedir(folder);
    return count;
}
