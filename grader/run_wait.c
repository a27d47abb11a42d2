/* SPDX-License-Identifier: MIT */
/* Waiting for a worker without trusting it: every wait has a deadline and watches the process itself. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "grader/clock.h"
#include "grader/run_private.h"

static int64_t clock_ns(clockid_t clock) {
    struct timespec now;
    if (clock_gettime(clock, &now) != 0)
        return -1;
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The kernel stamps with CLOCK_REALTIME. The offset between the clocks is taken here, a moment after the send, so a
 * step of the wall clock in between spoils one sample at most. */
static int64_t to_monotonic(const struct timespec *stamp) {
    int64_t before = clock_now_ns();
    int64_t real = clock_ns(CLOCK_REALTIME);
    int64_t after = clock_now_ns();
    int64_t sent = (int64_t)stamp->tv_sec * 1000000000 + stamp->tv_nsec;
    return sent - real + (before + after) / 2;
}

static void read_control(struct msghdr *header, pid_t *sender, int64_t *sent_ns) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level != SOL_SOCKET)
            continue;
        if (c->cmsg_type == SCM_CREDENTIALS && sender != NULL) {
            struct ucred credentials;
            memcpy(&credentials, CMSG_DATA(c), sizeof credentials);
            *sender = credentials.pid;
        } else if (c->cmsg_type == SCM_TIMESTAMPNS && sent_ns != NULL) {
            struct timespec stamp;
            memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
            *sent_ns = to_monotonic(&stamp);
        }
    }
}

/* An empty datagram, which a solution can send, is a message too: were it taken for the end of the queue, others would
 * be left behind it. */
static bool receive(struct run *run, char *message, pid_t *sender, int64_t *sent_ns) {
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(struct timespec))];
    } control;
    struct iovec part = {.iov_base = message, .iov_len = 1};
    struct msghdr header = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    *message = '\0';
    if (recvmsg(run->socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
        return false;
    read_control(&header, sender, sent_ns);
    return true;
}

enum run_wait run_wait_message(struct run *run, int64_t deadline_ns, char *message, pid_t *sender, int64_t *sent_ns) {
    for (;;) {
        if (receive(run, message, sender, sent_ns))
            return RUN_WAIT_MESSAGE;
        if (run->setup.cancel != NULL && *run->setup.cancel)
            return RUN_WAIT_CANCELLED;
        int64_t left = deadline_ns - clock_now_ns();
        if (left <= 0)
            return RUN_WAIT_DEADLINE;
        struct timespec patience = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
        struct pollfd watched[2] = {{.fd = run->socket, .events = POLLIN}, {.fd = run->child.pidfd, .events = POLLIN}};
        if (ppoll(watched, 2, &patience, NULL) < 0)
            continue; /* a signal: the loop looks at the cancel flag */
        if (watched[1].revents != 0 && watched[0].revents == 0)
            return RUN_WAIT_DEAD;
    }
}

void run_drain_messages(struct run *run) {
    char message;
    /* Bounded: a worker that floods the socket must not hold the grader here. */
    for (int i = 0; i < 1000 && receive(run, &message, NULL, NULL); i++) {
    }
}

static bool thread_sleeps(int tasks, const char *name) {
    char path[64], text[256];
    snprintf(path, sizeof path, "%.32s/stat", name);
    int fd = openat(tasks, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return true; /* it ended meanwhile */
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    if (got <= 0)
        return true;
    text[got] = '\0';
    const char *state = strrchr(text, ')'); /* the name before it may hold anything */
    return state != NULL && (state[2] == 'S' || state[2] == 'Z' || state[2] == 'X');
}

static bool all_sleep(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    if (tasks == NULL)
        return true;
    bool sleeping = true;
    for (struct dirent *entry; sleeping && (entry = readdir(tasks)) != NULL;)
        if (entry->d_name[0] != '.')
            sleeping = thread_sleeps(dirfd(tasks), entry->d_name);
    closedir(tasks);
    return sleeping;
}

/* The CPU clock of another process is stale while it runs and exact once all its threads sleep. */
static int64_t cpu_clock_ns(pid_t pid) {
    clockid_t clock = (clockid_t)(~(unsigned)pid << 3 | 2u);
    return clock_ns(clock);
}

int run_wait_parked(struct run *run, int64_t deadline_ns, int64_t *cpu_ns) {
    while (!all_sleep(run->pid)) {
        if (clock_now_ns() > deadline_ns)
            return -1;
        sched_yield();
    }
    *cpu_ns = cpu_clock_ns(run->pid);
    return 0;
}
