/* SPDX-License-Identifier: MIT */
/* See crew_tries.h. */
#include "harness/batch/crew_tries.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/heap.h"

static char *path_of(const char *results, const char *task) {
    char *path = heap_format("%s/attempts/%s", results, task);
    for (char *at = path + strlen(results) + strlen("/attempts/"); *at != '\0'; at++)
        if (*at == '/')
            *at = '~';
    return path;
}

void tries_read(const char *results, const char *task, struct tries *tries) {
    char *path = path_of(results, task), events[256];
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    *tries = (struct tries){0};
    free(path);
    if (fd < 0)
        return;
    const ssize_t count = read(fd, events, sizeof events);
    close(fd);
    for (ssize_t i = 0; i < count; i++) {
        tries->begun += events[i] == TRIES_BEGUN;
        tries->begun -= events[i] == TRIES_INTERRUPTED && tries->begun > 0;
        tries->died += events[i] == TRIES_DIED;
    }
}

int tries_mark(const char *results, const char *task, enum tries_event event, struct error *err) {
    char *path = path_of(results, task);
    const char letter = (char)event;
    const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
    const bool good = fd >= 0 && write(fd, &letter, 1) == 1;
    const int code = errno;
    if (fd >= 0)
        close(fd);
    errno = code;
    const int status =
        good ? 0
             : error_errno(err, "cannot write %s, where it is counted how often a task begins (is the disk full?)",
                           path);
    free(path);
    return status;
}

void tries_forget(const char *results, const char *task) {
    char *path = path_of(results, task);
    unlink(path);
    free(path);
}
