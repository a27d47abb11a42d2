/* SPDX-License-Identifier: MIT */
#include "grader/toolchain.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/clock.h"

enum { LOG_BYTES = 1 << 20, COMPILE_S = 20, ARGUMENTS_MAX = 48 };
static const uint64_t compile_bytes = (uint64_t)2 << 30;   /* address space of cc1: a macro bomb ends here */
static const uint64_t artifact_bytes = (uint64_t)64 << 20; /* largest file it may write */

static int search_path(const char *name, char *path, size_t size) {
    const char *folders = getenv("PATH");
    while (folders != NULL && *folders != '\0') {
        size_t length = strcspn(folders, ":");
        snprintf(path, size, "%.*s/%s", (int)length, folders, name);
        if (path[0] == '/' && access(path, X_OK) == 0)
            return 0;
        folders += length + (folders[length] == ':');
    }
    return -1;
}

int toolchain_find(struct toolchain *toolchain, struct error *err) {
    const char *wanted = getenv("HARNESS_CC");
    toolchain->version[0] = '\0';
    if (wanted != NULL && wanted[0] == '/')
        snprintf(toolchain->compiler, sizeof toolchain->compiler, "%s", wanted);
    else if (search_path(wanted != NULL && *wanted != '\0' ? wanted : "gcc", toolchain->compiler,
                         sizeof toolchain->compiler) != 0)
        toolchain->compiler[0] = '\0';
    if (toolchain->compiler[0] == '\0' || access(toolchain->compiler, X_OK) != 0)
        return error_set(err, ERROR_HARNESS,
                         "there is no C compiler (%s): install it with `apt-get install gcc libc6-dev`, or "
                         "name one with HARNESS_CC",
                         wanted != NULL ? wanted : "gcc in PATH");
    return 0;
}

int toolchain_start(const struct toolchain *toolchain, const struct sandbox_support *support, const char *folder,
                    const char *const *argument, size_t count, struct toolchain_job *job, struct error *err) {
    *job = (struct toolchain_job)TOOLCHAIN_JOB_INIT;
    if (memory_open(&job->log, "compiler's messages", LOG_BYTES, false, err) != 0)
        return -1;
    const struct sandbox_path path[] = {
        {"/usr", SANDBOX_EXECUTE},           {"/lib", SANDBOX_EXECUTE},
        {"/lib64", SANDBOX_EXECUTE},         {"/bin", SANDBOX_EXECUTE},
        {"/etc/alternatives", SANDBOX_READ}, {"/etc/ld.so.cache", SANDBOX_READ},
        {"/dev/null", SANDBOX_WRITE},        {folder, SANDBOX_WRITE},
    };
    struct sandbox_policy policy = {
        .kind = SANDBOX_COMPILER,
        .support = support,
        .path = path,
        .path_count = sizeof path / sizeof *path,
        .directory = folder,
        .address_bytes = compile_bytes,
        .data_bytes = compile_bytes,
        .stack_bytes = (uint64_t)64 << 20,
        .file_bytes = artifact_bytes,
        .cpu_s = COMPILE_S,
        .processes = 32,
    };
    char temporary[512];
    snprintf(temporary, sizeof temporary, "TMPDIR=%s", folder);
    char *environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", temporary, NULL};
    char *argv[ARGUMENTS_MAX + 2];
    size_t n = 0;
    argv[n++] = (char *)toolchain->compiler;
    for (size_t i = 0; i < count && n <= ARGUMENTS_MAX; i++)
        argv[n++] = (char *)argument[i];
    argv[n] = NULL;
    job->folder = folder;
    job->started_ns = clock_now_ns();
    if (sandbox_spawn(&policy, argv, environment, NULL, 0, job->log.fd, &job->child, err) == 0)
        return 0;
    toolchain_release(job);
    return -1;
}

/* 1: dead, 0: deadline, -1: cancelled */
static int wait_dead(const struct toolchain_job *job, const volatile int *cancel) {
    int64_t deadline = job->started_ns + (int64_t)COMPILE_S * 1000000000;
    for (;;) {
        if (cancel != NULL && *cancel)
            return -1;
        int64_t left_ms = (deadline - clock_now_ns()) / 1000000;
        if (left_ms <= 0)
            return 0;
        struct pollfd watched = {.fd = job->child.pidfd, .events = POLLIN};
        if (poll(&watched, 1, (int)left_ms) > 0)
            return 1;
    }
}

static bool mentions(const struct toolchain_job *job, const char *words) {
    size_t size = 0;
    const char *text = toolchain_output(job, &size);
    return memmem(text, size, words, strlen(words)) != NULL;
}

/* A full disk shows in many ways, down to a linker that dies of SIGBUS; an error in the source shows in one. */
static bool lacks_space(const struct toolchain_job *job) {
    const unsigned long long little = 4 << 20;
    struct statvfs disk;
    return statvfs(job->folder, &disk) == 0 && (unsigned long long)disk.f_bavail * disk.f_frsize < little &&
           !mentions(job, "\"kind\": \"error\"");
}

int toolchain_wait(struct toolchain_job *job, const volatile int *cancel, enum verdict *verdict, struct error *err) {
    int ended = wait_dead(job, cancel);
    sandbox_reap(&job->child);
    job->wall_ns = clock_now_ns() - job->started_ns;
    job->status = job->child.status;
    if (ended < 0)
        return error_set(err, ERROR_HARNESS, "interrupted while compiling");
    bool clean = WIFEXITED(job->status) && WEXITSTATUS(job->status) == 0;
    if (ended > 0 && clean)
        *verdict = VERDICT_PASSED;
    else if (ended == 0 || (WIFSIGNALED(job->status) && WTERMSIG(job->status) == SIGXCPU) ||
             mentions(job, "CPU time limit"))
        *verdict = VERDICT_TIME_LIMIT;
    else if (lacks_space(job))
        return error_set(err, ERROR_HARNESS, "the compiler had no space left in %s; set TMPDIR to a folder with space",
                         job->folder);
    else if (job->child.out_of_memory || mentions(job, "out of memory") || mentions(job, "memory exhausted") ||
             mentions(job, "annot allocate memory") || mentions(job, "File size limit"))
        *verdict = VERDICT_MEMORY_LIMIT;
    else
        *verdict = VERDICT_COMPILE_ERROR;
    return 0;
}

const char *toolchain_output(const struct toolchain_job *job, size_t *size) {
    size_t used = job->log.bytes;
    while (used > 0 && job->log.base[used - 1] == 0)
        used--;
    *size = used;
    return (const char *)job->log.base;
}

void toolchain_release(struct toolchain_job *job) {
    sandbox_reap(&job->child);
    memory_release(&job->log);
}
