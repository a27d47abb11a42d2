/* SPDX-License-Identifier: MIT */
/* The loop of slurm_grade(): look at the result files, ask the queue, submit what is missing. */
#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "grader/clock.h"
#include "harness/batch/crew_results.h"
#include "harness/batch/slurm.h"
#include "harness/batch/slurm_script.h"
#include "harness/heap.h"
#include "harness/outfile.h"
#include "harness/screen.h"

enum {
    TASKS_PER_ELEMENT = 10, /* starting an element costs a second or more of the queue's time */
    MINUTES_PER_TASK = 3,
    POLL_MS = 1000,
    NAP_MS = 100,
    GRACE_S = 10,     /* a shared folder shows a new file to other hosts late */
    STUCK_S = 60,     /* before the user hears that the queue stands still */
    BARREN_ROUNDS = 3 /* so many rounds without one new result are enough */
};

struct drive {
    const struct crew_work *work;
    struct slurm_job job;
    char *name, *script, *log;
    unsigned elements;
    bool *done;
    size_t done_count, at_submission; /* results there were when the round began */
    unsigned barren;
    bool asked_once, submitted, said_stuck, said_silent;
    int64_t empty_since_ns, stuck_since_ns, silent_since_ns; /* 0: not so */
};

static bool for_longer(int64_t *since_ns, bool is_so, int seconds) {
    const int64_t now = clock_now_ns();
    *since_ns = !is_so ? 0 : *since_ns != 0 ? *since_ns : now;
    return is_so && now - *since_ns > (int64_t)seconds * 1000000000;
}

/* A listing makes NFS ask its server again; a name that was once not there would stay so for a minute. */
static void refresh_folder(const char *results) {
    char *path = heap_format("%s/results", results);
    DIR *folder = opendir(path);
    while (folder != NULL && readdir(folder) != NULL)
        continue;
    if (folder != NULL)
        closedir(folder);
    free(path);
}

/* Takes in what has come since the last look. A file of another run or of other inputs is no result of this task; the
 * element that comes to it moves it aside. */
static void look(struct drive *drive, bool old) {
    const struct crew_work *work = drive->work;
    refresh_folder(work->results);
    for (size_t i = 0; i < work->plan->count; i++) {
        struct record record;
        struct error ignored;
        if (drive->done[i] || !results_there(work, i) || results_read(work, i, &record, &ignored) != 1)
            continue;
        const bool again = old && record.result.verdict == VERDICT_HARNESS_ERROR; /* the machine failed, not the task */
        if (!again || crew_set_aside(work->results, work->plan->task[i].task, &ignored) != 0) {
            drive->done[i] = true;
            drive->done_count++;
            work->finished(work->context, i, &record, old);
        }
        record_release(&record);
    }
}

/* The same for the same run in the same folder, and for nothing else: the class may be graded twice at a time. */
static char *name_of(const char *run, const char *folder) {
    unsigned char digest[crypto_generichash_BYTES_MIN];
    char digits[9];
    crypto_generichash(digest, sizeof digest, (const unsigned char *)folder, strlen(folder), NULL, 0);
    sodium_bin2hex(digits, sizeof digits, digest, (sizeof digits - 1) / 2);
    return heap_format("harness-%s-%s", run, digits);
}

static int submit_missing(struct drive *drive, struct error *err) {
    const struct plan *plan = drive->work->plan;
    bool *wanted = heap_zeroed(drive->elements, sizeof *wanted);
    for (unsigned e = 0; e < drive->elements; e++) {
        const struct shard shard = {.index = e + 1, .count = drive->elements};
        for (size_t i = 0; i < plan->count && !wanted[e]; i++)
            wanted[e] = !drive->done[i] && shard_has(&shard, i, plan->task[i].task);
    }
    char *list = slurm_elements(wanted, drive->elements);
    int status = slurm_submit(&drive->job, list, err);
    free(list);
    free(wanted);
    if (status == 0)
        drive->submitted = true;
    else if (drive->submitted) { /* what was right once is right: the controller is away, and this round is barren */
        screen_note(err->text);
        status = 0;
    }
    drive->at_submission = drive->done_count;
    drive->empty_since_ns = 0;
    return status;
}

/* The queue holds nothing of this run any more, and has not for a while. */
static int next_round(struct drive *drive, struct error *err) {
    drive->barren = drive->done_count > drive->at_submission ? 0 : drive->barren + 1;
    if (drive->barren < BARREN_ROUNDS)
        return submit_missing(drive, err);
    return error_set(err, ERROR_HARNESS,
                     "%zu of %zu submissions have no result after %d rounds that brought none; what the elements said "
                     "is in %s, and the same command goes on from here.",
                     drive->work->plan->count - drive->done_count, drive->work->plan->count, BARREN_ROUNDS, drive->log);
}

static int attend_queue(struct drive *drive, struct error *err) {
    struct slurm_queue queue;
    if (slurm_ask(drive->name, &queue, err) != 0)
        return -1;
    const bool first = !drive->asked_once;
    drive->asked_once = drive->asked_once || queue.reachable;
    if (for_longer(&drive->silent_since_ns, !queue.reachable, STUCK_S / 4) && !drive->said_silent) {
        screen_note("Slurm's controller does not answer; results still count as they come, and this waits for it.");
        drive->said_silent = true;
    }
    if (!queue.reachable)
        return 0;
    drive->said_silent = false;
    if (for_longer(&drive->stuck_since_ns, queue.alive > 0 && queue.stuck == queue.alive, STUCK_S) &&
        !drive->said_stuck) {
        char *text = heap_format("the queue stands still (%s); `sinfo -R' says why, and this waits.", queue.reason);
        screen_note(text);
        free(text);
        drive->said_stuck = true;
    }
    if (first && queue.alive == 0)
        return submit_missing(drive, err);
    if (for_longer(&drive->empty_since_ns, queue.alive == 0, GRACE_S))
        return next_round(drive, err);
    return 0;
}

static int open_drive(struct drive *drive, struct error *err) {
    const struct crew_work *work = drive->work;
    unsigned most;
    char folder[4096];
    if (slurm_array_most(&most, err) != 0)
        return -1;
    if (realpath(work->results, folder) == NULL)
        return error_errno(err, "cannot find the results folder %s", work->results);
    const size_t wanted = (work->plan->count + TASKS_PER_ELEMENT - 1) / TASKS_PER_ELEMENT;
    drive->elements = wanted < most ? (unsigned)wanted : most;
    char *own = heap_format("%s/slurm", folder);
    drive->log = heap_format("%s/log", own);
    drive->script = heap_format("%s/shard.sh", own);
    drive->name = name_of(work->plan->run, folder);
    int status = (mkdir(own, 0700) != 0 && errno != EEXIST) || (mkdir(drive->log, 0700) != 0 && errno != EEXIST)
                     ? error_errno(err, "cannot make the folder %s", drive->log)
                     : 0;
    free(own);
    char *text = status == 0 ? slurm_script(work, drive->elements, err) : NULL;
    if (text == NULL || outfile_write(drive->script, text, err) != 0)
        status = -1;
    free(text);
    const size_t share = (work->plan->count + drive->elements - 1) / (drive->elements > 0 ? drive->elements : 1);
    const size_t budget_minutes = (size_t)(work->options->timing_budget_s / 60);
    drive->job = (struct slurm_job){.name = drive->name,
                                    .script = drive->script,
                                    .log = drive->log,
                                    .options = work->options->slurm_options,
                                    .exclusive = !work->options->no_timing,
                                    .minutes = (unsigned)(share * (MINUTES_PER_TASK + budget_minutes)) + 2};
    return status;
}

static int run_drive(struct drive *drive, struct error *err) {
    const struct crew_work *work = drive->work;
    int64_t asked_ns = 0;
    while (drive->done_count < work->plan->count) {
        if (*work->cancel != 0)
            return slurm_cancel(drive->name, err) != 0 ? -1 : 1;
        const int64_t now = clock_now_ns();
        if (now - asked_ns > (int64_t)POLL_MS * 1000000) {
            asked_ns = now;
            look(drive, false);
            if (drive->done_count < work->plan->count && attend_queue(drive, err) != 0)
                return -1;
        }
        if (work->idle != NULL)
            work->idle(work->context);
        nanosleep(&(struct timespec){.tv_nsec = NAP_MS * 1000000}, NULL);
    }
    return 0;
}

int slurm_check(const struct options *options, struct error *err) {
    char **word = NULL;
    size_t count = 0;
    if (options->results == NULL)
        return error_set(err, ERROR_USER,
                         "--engine slurm needs --results DIR, a folder that this machine and all nodes share.");
    if (options->shard != NULL)
        return error_set(err, ERROR_USER, "--engine slurm divides the run itself; leave --shard out.");
    if (options->slurm_options != NULL && slurm_words(options->slurm_options, &word, &count, err) != 0)
        return -1;
    if (count > 0)
        free(word[0]);
    free(word);
    return 0;
}

int slurm_grade(const struct crew_work *work, struct error *err) {
    struct drive drive = {.work = work};
    int status = results_open(work->results, err) != 0 || open_drive(&drive, err) != 0 ? -1 : 0;
    if (status == 0) {
        drive.done = heap_zeroed(work->plan->count, sizeof *drive.done);
        look(&drive, true);
        status = run_drive(&drive, err);
    }
    free(drive.done);
    free(drive.name);
    free(drive.script);
    free(drive.log);
    return status;
}
