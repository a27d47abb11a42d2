/* SPDX-License-Identifier: MIT */
#include "tests/hostile/stage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness_paths.h"
#include "tests/hostile/leftovers.h"

static const char *const parts[] = {HARNESS_TO_WORKER, HARNESS_TO_ARCHIVE_F32, HARNESS_TO_ARCHIVE_F64,
                                    HARNESS_TO_ROOF,   HARNESS_TO_CHALLENGES,  HARNESS_TO_INCLUDE};

static int run(const char *const argv[]) {
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

/* mkdir -p for the folders above `path`, which lies in the stage. */
static void make_parents(const char *path) {
    char folder[1024];
    snprintf(folder, sizeof folder, "%s", path);
    for (char *slash = folder + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(folder, 0755);
        *slash = '/';
    }
}

static int copy(const char *from, const char *stage, const char *to, struct error *err) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", stage, to);
    make_parents(path);
    const char *const argv[] = {"cp", "-rLT", "--", from, path, NULL};
    if (run(argv) != 0)
        return error_set(err, ERROR_HARNESS, "cannot copy %s to %s", from, path);
    return 0;
}

int stage_make(const char *corpus, const char *packs, char stage[STAGE_PATH], struct error *err) {
    char path[2048], folder[STAGE_PATH + 8];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    snprintf(stage, STAGE_PATH, "/tmp/hostile-XXXXXX");
    umask(022);
    if (mkdtemp(stage) == NULL || chmod(stage, 0755) != 0)
        return error_errno(err, "cannot make a folder in /tmp");
    path[length > 0 ? length : 0] = '\0';
    if (copy(path, stage, "bin/hostile", err) != 0)
        return -1;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char to[256];
        snprintf(path, sizeof path, "%s/%s", HARNESS_BUILD_BIN, parts[i]);
        snprintf(to, sizeof to, "bin/%s", parts[i]);
        if (copy(path, stage, to, err) != 0)
            return -1;
    }
    if (copy(corpus, stage, "corpus", err) != 0 || copy(packs, stage, "packs", err) != 0)
        return -1;
    const char *const open_up[] = {"chmod", "-R", "u=rwX,go=rX", stage, NULL};
    snprintf(folder, sizeof folder, "%s/runs", stage);
    if (run(open_up) != 0 || mkdir(folder, 0700) != 0 || chmod(folder, 01777) != 0)
        return error_errno(err, "cannot make %s", folder);
    return 0;
}

void stage_remove(const char *stage) {
    leftovers_remove(stage);
}
