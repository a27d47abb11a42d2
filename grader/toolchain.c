/* SPDX-License-Identifier: MIT */
#include "grader/toolchain.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/clock.h"

/* Processor time ends a compiler that does not end by itself; the wall only one that waits. It is far longer, because a
 * busy machine must not turn an honest file into a compile error. */
enum { LOG_BYTES = 1 << 20, COMPILE_CPU_S = 10, COMPILE_WALL_S = 40, ARGUMENTS_MAX = 48 };
static const uint64_t compile_bytes = (uint64_t)1 << 30;   /* address space of cc1: a macro bomb ends here */
static const uint64_t artifact_bytes = (uint64_t)64 << 20; /* largest file it may write */

static bool is_program(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
}

static int search_path(const char *name, char *path, size_t size) {
    const char *folders = getenv("PATH");
    while (folders != NULL && *folders != '\0') {
        size_t length = strcspn(folders, ":");
        int needed = snprintf(path, size, "%.*s/%s", (int)length, folders, name);
        if (path[0] == '/' && (size_t)needed < size && is_program(path))
            return 0;
        folders += length + (folders[length] == ':');
    }
    return -1;
}

int toolchain_find(struct toolchain *toolchain, struct error *err) {
    static const char usual[] = "/usr/bin/gcc";
    const char *wanted = getenv("HARNESS_CC");
    char *path = toolchain->compiler;
    const size_t size = sizeof toolchain->compiler;
    bool named = wanted != NULL && *wanted != '\0', found;
    toolchain->version[0] = '\0';
    if (named && wanted[0] == '/')
        found = (size_t)snprintf(path, size, "%s", wanted) < size && is_program(path);
    else
        found = search_path(named ? wanted : "gcc", path, size) == 0;
    if (!found && !named)
        found = (size_t)snprintf(path, size, "%s", usual) < size && is_program(path);
    if (found)
        return 0;
    return error_set(err, ERROR_HARNESS,
                     "there is no C compiler (%s): install it with `apt-get install gcc libc6-dev`, or "
                     "name one with HARNESS_CC",
                     named ? wanted : "gcc in PATH");
}

int toolchain_ask_version(struct toolchain *toolchain, const struct sandbox_support *support, const char *folder,
                          const volatile int *cancel, struct error *err) {
    static const char *const argument[] = {"-dumpfullversion"};
    struct toolchain_job job = TOOLCHAIN_JOB_INIT;
    enum verdict verdict = VERDICT_PASSED;
    int status = toolchain_start(toolchain, support, folder, argument, 1, &job, err);
    if (status == 0)
        status = toolchain_wait(&job, cancel, &verdict, err);
    if (status == 0) {
        size_t size = 0;
        const char *said = toolchain_output(&job, &size);
        int length = (int)strcspn(size > 0 ? said : "", "\n");
        snprintf(toolchain->version, sizeof toolchain->version, "gcc %.*s", length, said);
        if (verdict == VERDICT_TIME_LIMIT)
            status = error_set(err, ERROR_HARNESS,
                               "%s did not answer within %d s when asked for its version; "
                               "name a gcc with HARNESS_CC",
                               toolchain->compiler, COMPILE_WALL_S);
        else if (verdict != VERDICT_PASSED || length == 0 || !isdigit((unsigned char)said[0]))
            status = error_set(err, ERROR_HARNESS, "%s does not say which gcc it is (%.*s); name a gcc with HARNESS_CC",
                               toolchain->compiler, length < 200 ? length : 200, length > 0 ? said : "no answer");
    }
    toolchain_release(&job);
    return status;
}

/* A compiler of somebody's own is the likeliest reason, and the error so far says only that it is not there. */
static void explain_start(const struct toolchain *toolchain, struct error *err) {
    static const char *const seen[] = {"/usr/", "/bin/", "/lib/", "/lib64/"};
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        if (strncmp(toolchain->compiler, seen[i], strlen(seen[i])) == 0)
            return;
    struct error before = {.text = ""};
    if (err != NULL)
        before = *err;
    error_set(err, ERROR_HARNESS,
              "%.600s (from inside, a compiler is seen only below /usr, /bin and /lib; HARNESS_CC "
              "names another)",
              before.text);
}

int toolchain_start(const struct toolchain *toolchain, const struct sandbox_support *support, const char *folder,
                    const char *const *argument, size_t count, struct toolchain_job *job, struct error *err) {
    *job = (struct toolchain_job)TOOLCHAIN_JOB_INIT;
    if (memory_open(&job->log, "compiler's messages", LOG_BYTES, false, err) != 0)
        return -1;
    /* Not all of /usr: an installed harness keeps its challenges, hidden cases and references included, in
     * /usr/share or /usr/local/share. */
    const struct sandbox_path path[] = {
        {"/bin", SANDBOX_EXECUTE},
        {"/lib", SANDBOX_EXECUTE},
        {"/lib64", SANDBOX_EXECUTE},
        {"/usr/bin", SANDBOX_EXECUTE},
        {"/usr/include", SANDBOX_READ},
        {"/usr/lib", SANDBOX_EXECUTE},
        {"/usr/lib64", SANDBOX_EXECUTE},
        {"/usr/libexec", SANDBOX_EXECUTE},
        {"/usr/local/bin", SANDBOX_EXECUTE},
        {"/usr/local/include", SANDBOX_READ},
        {"/usr/local/lib", SANDBOX_EXECUTE},
        {"/usr/local/lib64", SANDBOX_EXECUTE},
        {"/usr/local/libexec", SANDBOX_EXECUTE},
        {"/etc/alternatives", SANDBOX_READ},
        {"/etc/ld.so.cache", SANDBOX_READ},
        {"/dev/null", SANDBOX_WRITE},
        {folder, SANDBOX_WRITE},
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
        .cpu_s = COMPILE_CPU_S,
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
    explain_start(toolchain, err);
    return -1;
}

/* 1: dead, 0: deadline, -1: cancelled */
static int wait_dead(const struct toolchain_job *job, const volatile int *cancel) {
    int64_t deadline = job->started_ns + (int64_t)COMPILE_WALL_S * 1000000000;
    for (;;) {
        if (cancel != NULL && *cancel)
            return -1;
        int64_t left_ms = (deadline - clock_now_ns()) / 1000000;
        struct pollfd watched = {.fd = job->child.pidfd, .events = POLLIN};
        /* Asked even when no time is left: it may have died long before anyone came to wait. */
        if (poll(&watched, 1, left_ms > 0 ? (int)left_ms : 0) > 0)
            return 1;
        if (left_ms <= 0)
            return 0;
    }
}

/* In what gcc and its parts say in their own words: the line of JSON quotes the source, where an #error can claim
 * anything. */
static bool mentions(const struct toolchain_job *job, const char *words) {
    size_t size = 0;
    const char *line = toolchain_output(job, &size), *end = line + size;
    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((newline != NULL ? newline : end) - line);
        if (length > 0 && *line != '[' && memmem(line, length, words, strlen(words)) != NULL)
            return true;
        line += length + 1;
    }
    return false;
}

static bool has_error(const struct toolchain_job *job) {
    static const char error[] = "\"kind\": \"error\"";
    size_t size = 0;
    const char *text = toolchain_output(job, &size);
    return memmem(text, size, error, sizeof error - 1) != NULL;
}

/* A full disk shows in many ways, down to a linker that dies of SIGBUS; an error in the source shows in one. */
static bool lacks_space(const struct toolchain_job *job) {
    const unsigned long long little = 4 << 20;
    struct statvfs disk;
    return statvfs(job->folder, &disk) == 0 && (unsigned long long)disk.f_bavail * disk.f_frsize < little &&
           !has_error(job);
}

/* No source text makes gcc or one of its parts send SIGKILL, and none of our limits does before another sign of it.
 * Assembler can print any line (.print), but fails with a message of its own. */
static bool was_killed(const struct toolchain_job *job) {
    if (WIFSIGNALED(job->status))
        return WTERMSIG(job->status) == SIGKILL;
    return !has_error(job) && !mentions(job, "Assembler messages:") && !mentions(job, "ld returned") &&
           (mentions(job, "Killed signal terminated program") || mentions(job, "ld terminated with signal 9"));
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
    else if (was_killed(job))
        return error_set(err, ERROR_HARNESS,
                         "the compiler was killed from outside (signal 9): most likely the machine "
                         "ran out of memory; free some and run it again");
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
