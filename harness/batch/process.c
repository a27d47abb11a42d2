/* SPDX-License-Identifier: MIT */
/* See process.h. */
#include "harness/batch/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "grader/clock.h"
#include "harness/heap.h"

extern char **environ;

enum { OUTPUT_MAX = 1 << 20, LOOK_MS = 20, NO_PROGRAM = 127, SIGNAL_BASE = 128 };

/* A Ctrl-C reaches every process of the terminal's group. The parent decides what it means; a handler of our own, other
 * than SIG_IGN, is not passed on to what is started from here. */
static void leave_to_parent(int number) {
    (void)number;
}

static void become_grader(pid_t parent, int in, int out) {
    struct sigaction action = {.sa_handler = leave_to_parent};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent)
        _exit(SIGNAL_BASE + SIGKILL);
    /* Another grader's pipes are in here too, and would stay open when their owner is gone. */
    const int low = in < out ? in : out, high = in < out ? out : in;
    close_range(STDERR_FILENO + 1, (unsigned)low - 1, 0);
    if (high - low > 1)
        close_range((unsigned)low + 1, (unsigned)high - 1, 0);
    close_range((unsigned)high + 1, ~0U, 0);
}

int process_fork(int (*body)(void *context, int in, int out), void *context, struct process *process,
                 struct error *err) {
    enum { READ, WRITE };
    int down[2], up[2];
    if (pipe2(down, O_CLOEXEC) != 0)
        return error_errno(err, "cannot start a grader: there is no pipe to be had");
    if (pipe2(up, O_CLOEXEC) != 0) {
        close(down[READ]);
        close(down[WRITE]);
        return error_errno(err, "cannot start a grader: there is no pipe to be had");
    }
    fflush(NULL); /* or the child would write what waits in here a second time */
    const pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        become_grader(parent, down[READ], up[WRITE]);
        _exit(body(context, down[READ], up[WRITE]));
    }
    const int code = errno;
    close(down[READ]);
    close(up[WRITE]);
    *process = (struct process){.pid = pid, .to = down[WRITE], .from = up[READ]};
    if (pid > 0)
        return 0;
    close(down[WRITE]);
    close(up[READ]);
    errno = code;
    return error_errno(err, "cannot start a grader");
}

/* One stream of a client: kept up to the cap, and read on beyond it so that the client is not held up. */
struct catch {
    int fd;
    char *text;
    size_t size;
};

static void catch_some(struct catch *catch) {
    char part[4096];
    const ssize_t got = read(catch->fd, part, sizeof part);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0) {
        close(catch->fd);
        catch->fd = -1;
        return;
    }
    const size_t room = OUTPUT_MAX - catch->size, kept = (size_t)got < room ? (size_t)got : room;
    catch->text = heap_resize(catch->text, catch->size + kept + 1, 1);
    memcpy(catch->text + catch->size, part, kept);
    catch->size += kept;
    catch->text[catch->size] = '\0';
}

/* Signals as the program would find them in a shell; a group of its own, so that all of it can be ended. */
static int spawn(char *const *word, const int out[2], const int err[2], pid_t *pid) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGXFSZ);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, err[1], STDERR_FILENO);
    posix_spawnattr_init(&how);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&how, 0);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &usual);
    const int code = posix_spawnp(pid, word[0], &files, &how, word, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    return code;
}

/* Until both streams are closed and it has ended, or time is up. A grandchild may hold the streams open. */
static int follow(pid_t pid, unsigned timeout_s, struct catch catch[2]) {
    const int64_t end_ns = clock_now_ns() + (int64_t)timeout_s * 1000000000;
    int status = 0;
    bool ended = false;
    while (!ended || catch[0].fd >= 0 || catch[1].fd >= 0) {
        struct pollfd wait[2] = {{.fd = catch[0].fd, .events = POLLIN}, {.fd = catch[1].fd, .events = POLLIN}};
        const bool quiet = poll(wait, 2, LOOK_MS) <= 0;
        for (int i = 0; i < 2; i++)
            if (wait[i].fd >= 0 && wait[i].revents != 0)
                catch_some(&catch[i]);
        if (!ended)
            ended = waitpid(pid, &status, WNOHANG) == pid;
        if ((ended && quiet) || clock_now_ns() > end_ns)
            break;
    }
    if (!ended) {
        kill(-pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            continue;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : SIGNAL_BASE + WTERMSIG(status);
}

int process_run(char *const *word, unsigned timeout_s, struct process_output *output, struct error *err) {
    int out[2], errors[2];
    pid_t pid;
    *output = (struct process_output){heap_format("%s", ""), heap_format("%s", "")};
    if (pipe2(out, O_CLOEXEC) != 0)
        return error_errno(err, "cannot start %s: there is no pipe to be had", word[0]);
    if (pipe2(errors, O_CLOEXEC) != 0) {
        close(out[0]);
        close(out[1]);
        return error_errno(err, "cannot start %s: there is no pipe to be had", word[0]);
    }
    const int code = spawn(word, out, errors, &pid);
    close(out[1]);
    close(errors[1]);
    struct catch catch[2] = {{out[0], output->out, 0}, {errors[0], output->err, 0}};
    int status = NO_PROGRAM;
    if (code == 0)
        status = follow(pid, timeout_s, catch);
    else if (code != ENOENT) {
        errno = code;
        status = error_errno(err, "cannot start %s", word[0]);
    }
    for (int i = 0; i < 2; i++)
        if (catch[i].fd >= 0)
            close(catch[i].fd);
    *output = (struct process_output){catch[0].text, catch[1].text};
    return status;
}
