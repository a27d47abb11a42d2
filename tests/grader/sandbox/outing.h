/* SPDX-License-Identifier: MIT */
/* One program's way into the sandbox and back, for tests: started, waited for, reaped, its output read. Every test runs
 * at each level; a test program runs as the caller and, if that is root, once more as an ordinary user. */
#ifndef TESTS_GRADER_SANDBOX_OUTING_H
#define TESTS_GRADER_SANDBOX_OUTING_H

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/sandbox/sandbox.h"

/* Where the program is run from: a copy in a folder that is open to all, since the build tree may lie in one that is
 * not (as /root), and without namespaces the sandbox's user walks the caller's folders. */
static const char outing_built[] = HOSTILE, outing_variable[] = "OUTING_FOLDER";
static char outing_folder[32] = "/tmp/outing-XXXXXX", outing_program[48];
#undef HOSTILE
#define HOSTILE outing_program

/* A to D, and namespaces without Landlock, which otherwise hides whether they hold. */
enum { OUTING_NAMESPACES_ONLY = 4, OUTING_LEVELS, OUTING_OUTPUT = 8192 };

struct outing {
    struct sandbox_policy policy;
    struct sandbox_path path[8]; /* path[0] is the program */
    int fds[4];
    size_t fd_count;
    char *environment[4];
    char output[OUTING_OUTPUT];
    struct sandbox_child child;
};

/* Filled once by outing_main, before tests are forked. */
static struct sandbox_support outing_support[OUTING_LEVELS];

static inline struct outing outing_at(int level, enum sandbox_kind kind) {
    struct outing outing = {.policy = {.kind = kind,
                                       .support = &outing_support[level],
                                       .path_count = 1,
                                       .directory = "/",
                                       .stack_bytes = 8 << 20,
                                       .file_bytes = 1 << 20,
                                       .cpu_s = 10,
                                       .processes = 10},
                            .path = {{HOSTILE, SANDBOX_EXECUTE}}};
    return outing;
}

static inline void outing_allow(struct outing *outing, const char *path, enum sandbox_access access) {
    outing->path[outing->policy.path_count++] = (struct sandbox_path){path, access};
}

static inline void outing_start(struct outing *outing, char *const argv[], int log_fd) {
    struct error err = {0};
    outing->policy.path = outing->path;
    int status = sandbox_spawn(&outing->policy, argv, outing->environment, outing->fds, outing->fd_count, log_fd,
                               &outing->child, &err);
    ck_assert_msg(status == 0, "%s", err.text);
}

static inline void outing_await(struct outing *outing) {
    struct pollfd watched = {.fd = outing->child.pidfd, .events = POLLIN};
    ck_assert_msg(poll(&watched, 1, 20000) == 1, "it does not end");
    ck_assert(sandbox_dead(&outing->child));
    sandbox_reap(&outing->child);
}

/* Runs to the end; returns the status as waitpid has it. */
static inline int outing_run_program(struct outing *outing, char *const argv[]) {
    int log_fd = memfd_create("log", MFD_CLOEXEC);
    outing_start(outing, argv, log_fd);
    outing_await(outing);
    ssize_t got = pread(log_fd, outing->output, sizeof outing->output - 1, 0);
    outing->output[got > 0 ? got : 0] = '\0';
    close(log_fd);
    return outing->child.status;
}

#define outing_run(outing, ...) outing_run_program((outing), (char *[]){(char *)HOSTILE, __VA_ARGS__, NULL})

/* The exit code, or 1000 and the signal. */
#define outing_code(outing, ...) outing_code_of(outing_run((outing), __VA_ARGS__))
static inline int outing_code_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static inline bool has_namespaces(int level) {
    return outing_support[level].namespaces;
}

/* Does anything below the table's folders come between a program and the files? */
static inline bool hides_files(int level) {
    return outing_support[level].namespaces || outing_support[level].landlock_abi > 0;
}

/* True once every holder of the pipe's other end is gone. */
static inline bool outing_pipe_ends(int fd, int within_ms) {
    char bytes[64];
    for (struct pollfd watched = {.fd = fd, .events = POLLIN}; poll(&watched, 1, within_ms) == 1;)
        if (read(fd, bytes, sizeof bytes) <= 0)
            return true;
    return false;
}

struct leftovers {
    int descriptors, mounts, cgroups;
};
static struct leftovers outing_before;

static inline int count_entries(const char *folder, const char *prefix) {
    int count = 0;
    DIR *stream = opendir(folder);
    for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;)
        count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    if (stream != NULL)
        closedir(stream);
    return count;
}

/* Mounts that can only be the sandbox's; whatever else comes and goes on the machine is not our concern. */
static inline int count_mounts(void) {
    static const char *const ours[] = {" /tmp ", "/yard-", HOSTILE};
    char line[4096];
    int count = 0;
    FILE *file = fopen("/proc/self/mountinfo", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
            count += strstr(line, ours[i]) != NULL;
    if (file != NULL)
        fclose(file);
    return count;
}

/* Groups of this very process, wherever its own group lies; others may be at work beside us. */
static inline int count_cgroups(void) {
    char command[160], answer[32] = "0";
    snprintf(command, sizeof command, "find /sys/fs/cgroup -name 'harness-%d-*' 2>/dev/null | wc -l", (int)getpid());
    FILE *pipe = popen(command, "r");
    if (pipe != NULL && fgets(answer, sizeof answer, pipe) == NULL)
        answer[0] = '\0';
    if (pipe != NULL)
        pclose(pipe);
    return atoi(answer);
}

static inline struct leftovers count_leftovers(void) {
    int fds = 0;
    for (int fd = 0; fd < 1024; fd++)
        fds += fcntl(fd, F_GETFD) >= 0;
    return (struct leftovers){fds, count_mounts(), count_cgroups()};
}

static inline void outing_setup(void) {
    outing_before = count_leftovers();
}

static inline void outing_teardown(void) {
    struct leftovers after = count_leftovers();
    ck_assert_int_eq(after.descriptors, outing_before.descriptors);
    ck_assert_int_eq(after.mounts, outing_before.mounts);
    ck_assert_int_eq(after.cgroups, 0);
    ck_assert_msg(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "a child is left");
}

/* The ordinary user's turn finds root's copy: it may be unable to read the original. Returns true if it is there. */
static inline bool outing_publish(void) {
    const char *inherited = getenv(outing_variable);
    char command[512];

    if (inherited != NULL)
        snprintf(outing_folder, sizeof outing_folder, "%s", inherited);
    else if (mkdtemp(outing_folder) == NULL || chmod(outing_folder, 0755) != 0)
        return false;
    snprintf(outing_program, sizeof outing_program, "%s/hostile", outing_folder);
    snprintf(command, sizeof command, "install -m 755 '%s' '%s'", outing_built, outing_program);
    return inherited != NULL || (setenv(outing_variable, outing_folder, 1) == 0 && system(command) == 0);
}

/* As uid 65534 when the caller is root: the same program again. Returns its exit code. */
static inline int outing_as_user(const char *program) {
    if (access(program, F_OK) != 0 || fflush(stdout) != 0)
        return EXIT_FAILURE;
    pid_t pid = fork();
    if (pid == 0) {
        if (syscall(SYS_setgroups, 0, NULL) != 0 || setresgid(65534, 65534, 65534) != 0 ||
            setresuid(65534, 65534, 65534) != 0)
            _exit(EXIT_FAILURE);
        execl("/proc/self/exe", program, "again", NULL);
        _exit(EXIT_FAILURE);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return outing_code_of(status);
}

static inline int outing_main(Suite *suite, const char *program) {
    bool again = getenv(outing_variable) != NULL;
    if (!outing_publish()) {
        fprintf(stderr, "%s cannot be copied to %s\n", outing_built, outing_folder);
        return EXIT_FAILURE;
    }
    sandbox_harden_self();
    for (int level = 0; level < OUTING_NAMESPACES_ONLY; level++) {
        struct sandbox_support *support = &outing_support[level];
        sandbox_probe((enum sandbox_level)level, support);
        printf("%s, at most %c: %s%s%s\n", geteuid() == 0 ? "root" : "user",
               sandbox_level_letter((enum sandbox_level)level), support->active,
               support->missing[0] != '\0' ? " | missing: " : "", support->missing);
    }
    outing_support[OUTING_NAMESPACES_ONLY] = outing_support[0];
    outing_support[OUTING_NAMESPACES_ONLY].landlock_abi = 0;
    if (!outing_support[0].namespaces)
        printf("SKIP namespaces: this machine has none\n");
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    if (geteuid() == 0 && outing_as_user(program) != EXIT_SUCCESS)
        failed++;
    if (!again && (unlink(outing_program) != 0 || rmdir(outing_folder) != 0))
        failed++;
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
