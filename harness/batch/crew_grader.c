/* SPDX-License-Identifier: MIT */
/* See crew_grader.h. */
#include "harness/batch/crew_grader.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/heap.h"

_Static_assert(sizeof(struct reply) <= PIPE_BUF, "a reply is written and read in one piece");

/* The challenge of the last task; the next is mostly of the same one. */
struct lesson {
    const struct pack *pack;
    struct spec *spec; /* NULL: see error */
    struct grade_answers *answers;
    struct error error;
};

struct grader {
    const struct crew_work *work;
    const volatile int *stop;
    int out;
    size_t index;
    char stage[CREW_STAGE];
    struct lesson lesson;
};

void grader_time(char text[GRADER_TIME]) {
    const time_t now = time(NULL);
    struct tm parts;
    gmtime_r(&now, &parts);
    strftime(text, GRADER_TIME, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static void say(const struct grader *grader, enum reply_kind kind, const struct error *error) {
    struct reply reply;
    memset(&reply, 0, sizeof reply);
    reply.kind = kind;
    reply.index = grader->index;
    memcpy(reply.stage, grader->stage, sizeof reply.stage);
    if (error != NULL)
        reply.error = *error;
    while (write(grader->out, &reply, sizeof reply) < 0 && errno == EINTR)
        continue;
}

/* A timed stage bears the name of its case, which may be a hidden one. */
static void tell(void *context, const char *stage, size_t done, size_t total) {
    struct grader *grader = context;
    const struct spec *spec = grader->lesson.spec;
    (void)done, (void)total;
    for (size_t i = 0; spec != NULL && i < spec->timing_count; i++)
        if (strcmp(spec->timing[i].name, stage) == 0)
            stage = "timing";
    if (strncmp(grader->stage, stage, sizeof grader->stage - 1) == 0)
        return;
    snprintf(grader->stage, sizeof grader->stage, "%s", stage);
    say(grader, REPLY_STAGE, NULL);
}

static void forget(struct lesson *lesson) {
    grade_answers_free(lesson->answers);
    if (lesson->spec != NULL)
        spec_free(lesson->spec);
    *lesson = (struct lesson){0};
}

static void learn(struct lesson *lesson, const struct pack *pack) {
    if (lesson->pack == pack)
        return;
    forget(lesson);
    lesson->pack = pack;
    if (spec_load(pack->directory, &lesson->spec, &lesson->error) != 0)
        lesson->spec = NULL;
    else
        lesson->answers = grade_answers_new();
}

static void grade(struct grader *grader, const struct submission *submission, struct report_item *item,
                  struct grade **out) {
    const struct options *options = grader->work->options;
    learn(&grader->lesson, submission->pack);
    if (grader->lesson.spec == NULL) {
        item->error = grader->lesson.error;
        return;
    }
    const struct grade_request request = {.spec = grader->lesson.spec,
                                          .file = submission->path,
                                          .seed = grader->work->plan->seed,
                                          .timing = !options->no_timing,
                                          .timing_budget_s = options->timing_budget_s,
                                          .threads = options->threads,
                                          .require = options->require,
                                          .require_by_default = !options->require_given,
                                          .at_most = options->at_most,
                                          .answers = grader->lesson.answers,
                                          .cancel = grader->stop,
                                          .progress = tell,
                                          .progress_context = grader};
    if (grade_run(&request, out, &item->error) != 0)
        return;
    if ((*out)->sha256[0] != '\0' && strcmp((*out)->sha256, submission->sha256) != 0) {
        error_set(&item->error, ERROR_USER,
                  "'%s' was changed after this run had begun; grade it again, with --results in another folder.",
                  submission->shown);
        return;
    }
    free((*out)->file); /* as people know it, not where an archive was unpacked */
    (*out)->file = heap_format("%s", submission->shown);
    item->grade = *out;
}

/* A queue's names for this job, if there is one. */
static char *job_name(void) {
    const char *array = getenv("SLURM_ARRAY_JOB_ID"), *element = getenv("SLURM_ARRAY_TASK_ID");
    const char *job = getenv("SLURM_JOB_ID");
    if (array != NULL && element != NULL)
        return heap_format("%s_%s", array, element);
    return heap_format("%s", job != NULL ? job : "");
}

int grader_publish(const struct crew_work *work, const struct order *order, const char *started,
                   const struct report_item *item, struct error *err) {
    const struct plan *plan = work->plan;
    const struct plan_task *task = &plan->task[order->index];
    const struct report_look look = {.timing = !work->options->no_timing, .seed_secret = plan->seed_secret};
    char host[HOST_NAME_MAX + 1] = "", finished[GRADER_TIME], shard[32] = "";
    const char *node = getenv("SLURMD_NODENAME"), *restart = getenv("SLURM_RESTART_COUNT");
    gethostname(host, sizeof host - 1);
    grader_time(finished);
    if (plan->shard.count > 1)
        snprintf(shard, sizeof shard, "%u/%u", plan->shard.index, plan->shard.count);
    char *job = job_name(), *result = report_json(item, 1, &look);
    const struct record_head head = {.run = plan->run,
                                     .task = task->task,
                                     .person = task->person,
                                     .inputs = task->inputs,
                                     .shard = shard,
                                     .attempt = {.host = node != NULL ? node : host,
                                                 .job = job,
                                                 .pid = getpid(),
                                                 .restart = restart != NULL ? strtoll(restart, NULL, 10) : 0,
                                                 .number = order->begun,
                                                 .started = started,
                                                 .finished = finished}};
    char *text = record_text(&head, result), *path = record_path(work->results, task->task);
    if (work->key != NULL) {
        char *plain = text;
        text = sign_text(work->key, plain);
        free(plain);
    }
    const int status = record_publish(path, text, err);
    free(path);
    free(text);
    free(result);
    free(job);
    return status;
}

static void serve(struct grader *grader, const struct order *order) {
    const struct plan_task *task = &grader->work->plan->task[order->index];
    const struct submission *submission = &grader->work->list->item[task->submission];
    struct report_item item = {.file = submission->shown,
                               .challenge = submission->pack != NULL ? submission->pack->id : NULL};
    struct grade *graded = NULL;
    struct error error;
    char started[GRADER_TIME];
    grader->index = order->index;
    grader->stage[0] = '\0';
    grader_time(started);
    if (submission->problem != NULL)
        error_set(&item.error, ERROR_USER, "%s", submission->problem);
    else
        grade(grader, submission, &item, &graded);
    if (*grader->stop != 0 && (graded == NULL || graded->interrupted))
        say(grader, REPLY_INTERRUPTED, NULL);
    else if (grader_publish(grader->work, order, started, &item, &error) < 0)
        say(grader, REPLY_FAULT, &error);
    else
        say(grader, REPLY_DONE, NULL);
    grade_free(graded);
}

/* False at the end of the orders. */
static bool read_order(int in, struct order *order) {
    ssize_t got;
    while ((got = read(in, order, sizeof *order)) < 0 && errno == EINTR)
        continue;
    return got == (ssize_t)sizeof *order;
}

int grader_body(void *context, int in, int out) {
    const struct grader_desk *desk = context;
    struct grader grader = {.work = desk->work, .stop = desk->stop, .out = out};
    struct order order;
    while (*desk->stop == 0 && read_order(in, &order))
        serve(&grader, &order);
    forget(&grader.lesson);
    return 0;
}
