/* SPDX-License-Identifier: MIT */
/* See crew_results.h. Nothing is ever deleted here. */
#include "harness/batch/crew_results.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/batch/crew_tries.h"
#include "harness/heap.h"

unsigned crew_cores(void) {
    cpu_set_t usable;
    return sched_getaffinity(0, sizeof usable, &usable) == 0 ? (unsigned)CPU_COUNT(&usable) : 1;
}

bool crew_has(const struct crew_work *work, size_t index) {
    return shard_has(&work->plan->shard, index, work->plan->task[index].task) &&
           (work->skip == NULL || !work->skip[index]);
}

static int make_folder(const char *results, const char *name, struct error *err) {
    char *path = heap_format("%s/%s", results, name);
    const bool good = mkdir(path, 0777) == 0 || errno == EEXIST;
    const int status =
        good ? 0
             : error_set(err, ERROR_USER, "cannot create the folder %s: %s; name a folder of yours with --results.",
                         path, strerror(errno));
    free(path);
    return status;
}

int results_open(const char *results, struct error *err) {
    if (make_folder(results, "results", err) != 0 || make_folder(results, "attempts", err) != 0)
        return -1;
    record_clean_stale(results);
    return 0;
}

bool results_there(const struct crew_work *work, size_t index) {
    char *path = record_path(work->results, work->plan->task[index].task);
    const bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

static int check_record(const struct crew_work *work, size_t index, const char *path, const struct record *record,
                        struct error *err) {
    const struct plan_task *task = &work->plan->task[index];
    const char *what = strcmp(record->task, task->task) != 0       ? "task"
                       : strcmp(record->run, work->plan->run) != 0 ? "run"
                       : strcmp(record->inputs, task->inputs) != 0 ? "submission, challenge or options"
                                                                   : NULL;
    if (what == NULL)
        return 0;
    return error_set(err, ERROR_USER,
                     "%s is the result of another %s than this one; give each run a folder of its own with --results.",
                     path, what);
}

int results_read(const struct crew_work *work, size_t index, struct record *record, struct error *err) {
    char *path = record_path(work->results, work->plan->task[index].task);
    int found = access(path, F_OK) == 0;
    if (found > 0 && record_read(path, record, err) != 0)
        found = -1;
    else if (found > 0 && check_record(work, index, path, record, err) != 0) {
        record_release(record);
        found = -1;
    }
    free(path);
    return found;
}

/* RESULTS/old/NAME.N with the first number that is free. */
static int move_to_old(const char *results, const char *path, struct error *err) {
    const char *name = strrchr(path, '/') + 1;
    int code = EEXIST;
    if (make_folder(results, "old", err) != 0)
        return -1;
    for (unsigned n = 1; code == EEXIST; n++) {
        char *old = heap_format("%s/old/%s.%u", results, name, n);
        code = renameat2(AT_FDCWD, path, AT_FDCWD, old, RENAME_NOREPLACE) == 0 ? 0 : errno;
        if (code == EINVAL || code == ENOSYS) { /* as on NFS */
            code = link(path, old) == 0 ? 0 : errno;
            if (code == 0 && unlink(path) != 0)
                code = errno;
        }
        free(old);
    }
    if (code == 0 || code == ENOENT)
        return 0;
    return error_set(err, ERROR_HARNESS, "cannot move %s to %s/old: %s; look at the permissions of the folder.", path,
                     results, strerror(code));
}

int results_take(const struct crew_work *work, size_t index, struct record *record, struct error *err) {
    const int found = results_read(work, index, record, err);
    if (found >= 0)
        return found;
    return crew_set_aside(work->results, work->plan->task[index].task, err) == 0 ? 0 : -1;
}

int crew_set_aside(const char *results, const char *task, struct error *err) {
    char *path = record_path(results, task);
    tries_forget(results, task); /* first: killed in between, nobody would give it another try */
    const int status = access(path, F_OK) == 0 ? move_to_old(results, path, err) : 0;
    free(path);
    return status;
}
