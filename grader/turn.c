/* SPDX-License-Identifier: MIT */
/* See turn.h. The files are only ever locked: nothing is read from them or written to them, so a file that somebody
 * else has put in their place can keep us waiting for a while and do no more. */
#include "grader/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "grader/clock.h"

#define LOCKS_VARIABLE "HARNESS_LOCKS"

/* How often one looks again: soon at first, then so seldom that nobody's measurement notices. */
enum { LOOK_FIRST_NS = 1000000, LOOK_LAST_NS = 50000000 };
static const int64_t told_every_ns = 100000000;

/* Who holds the floor for so long has been stopped (Ctrl-Z) or means ill, and holds up everybody on the machine: then
 * one goes on without a turn. At the gate there may be a long queue of honest ones. */
static const int64_t floor_patience_ns = 300 * INT64_C(1000000000), gate_patience_ns = 3600 * INT64_C(1000000000);

/* A regular file with one name and no contents, or -1. Creating comes last and exclusively: the kernel refuses O_CREAT
 * on a file of another user in a folder like /tmp. */
static int open_lock(const char *folder, const char *name) {
    const int safe = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, tries = 3;
    char path[240];
    struct stat status;
    int fd = -1;
    if (snprintf(path, sizeof path, "%s/harness-turn.%s", folder, name) >= (int)sizeof path)
        return -1;
    for (int i = 0; i < tries && fd < 0; i++) {
        fd = open(path, safe);
        if (fd >= 0 || errno != ENOENT)
            break;
        fd = open(path, safe | O_CREAT | O_EXCL, 0444);
        if (fd >= 0)
            fchmod(fd, 0444); /* whatever the umask: others have to be able to lock it */
    }
    if (fd >= 0 &&
        (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink != 1 || status.st_size != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* Both files in one folder, the same one for everybody on this machine where that can be. A folder of the user's own is
 * for containers that share a machine. */
static bool open_files(int *gate, int *floor) {
    const char *own = getenv(LOCKS_VARIABLE);
    const bool has_own = own != NULL && own[0] == '/';
    const char *const folder[] = {has_own ? own : "/run/lock", "/tmp"};
    for (size_t i = 0; i < (has_own ? 1 : sizeof folder / sizeof folder[0]); i++) {
        *gate = open_lock(folder[i], "gate");
        *floor = *gate >= 0 ? open_lock(folder[i], "floor") : -1;
        if (*floor >= 0)
            return true;
        if (*gate >= 0)
            close(*gate);
    }
    return false;
}

struct patience {
    const volatile int *cancel;
    void (*waiting)(void *context);
    void *context;
};

/* 1 when locked, 0 when patience has ended or locks are not to be had, -1 when cancelled. */
static int lock(int fd, int how, int64_t patience_ns, const struct patience *patience) {
    const int64_t start_ns = clock_now_ns();
    int64_t told_ns = start_ns - told_every_ns, pause_ns = LOOK_FIRST_NS;
    while (flock(fd, how | LOCK_NB) != 0) {
        const int64_t now_ns = clock_now_ns();
        if (patience->cancel != NULL && *patience->cancel != 0)
            return -1;
        if ((errno != EWOULDBLOCK && errno != EINTR) || now_ns - start_ns > patience_ns)
            return 0;
        if (patience->waiting != NULL && now_ns - told_ns >= told_every_ns) {
            patience->waiting(patience->context);
            told_ns = now_ns;
        }
        nanosleep(&(struct timespec){.tv_nsec = (long)pause_ns}, NULL);
        pause_ns = 2 * pause_ns < LOOK_LAST_NS ? 2 * pause_ns : LOOK_LAST_NS;
    }
    return 1;
}

int turn_take(struct turn *turn, enum turn_kind kind, const volatile int *cancel, void (*waiting)(void *context),
              void *context, struct error *err) {
    const struct patience patience = {cancel, waiting, context};
    const int how = kind == TURN_MEASURE ? LOCK_EX : LOCK_SH;
    int gate, floor;
    turn_release(turn);
    if (!open_files(&gate, &floor))
        return 0;
    int status = lock(gate, how, gate_patience_ns, &patience);
    if (status >= 0)
        status = lock(floor, how, floor_patience_ns, &patience);
    close(gate);
    if (status == 1) {
        turn->floor = floor;
        return 0;
    }
    close(floor);
    return status == 0 ? 0 : error_set(err, ERROR_HARNESS, "interrupted while waiting for another measurement");
}

/* Unlocked by name: a child that was forked meanwhile has the descriptor too, and would keep the turn. */
void turn_release(struct turn *turn) {
    if (turn->floor < 0)
        return;
    flock(turn->floor, LOCK_UN);
    close(turn->floor);
    turn->floor = -1;
}
