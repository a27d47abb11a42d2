/* SPDX-License-Identifier: MIT */
/* See crew.h. The parent hands out tasks and looks at what became of them; it never holds more than one result. What a
 * grader says counts for nothing: a task is done when its result file is there and can be read. */
#include "harness/batch/crew.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/clock.h"
#include "harness/batch/crew_grader.h"
#include "harness/batch/crew_queue.h"
#include "harness/batch/crew_results.h"
#include "harness/batch/crew_tries.h"
#include "harness/batch/process.h"
#include "harness/heap.h"

enum { SERVED_MAX = 250 /* then a fresh grader: whatever leaks is gone */, LOOK_MS = 200 };
static const int64_t stopping_ns = 10 * INT64_C(1000000000); /* a grader ends what it has started within this */

struct seat { /* of one grader */
    struct process process;
    bool alive, busy;
    size_t group;
    struct order order; /* while busy */
    unsigned served;
};

struct crew {
    const struct crew_work *work;
    volatile int *stop; /* a page that graders share */
    struct queue queue;
    struct seat *seat;
    unsigned seats;
    struct grader_desk desk;
};

static int finish(struct crew *crew, size_t index, bool old, struct error *err) {
    struct record record;
    const int found = results_read(crew->work, index, &record, err);
    if (found < 0)
        return -1;
    if (found == 0)
        return error_set(err, ERROR_HARNESS,
                         "the result of %s is gone from %s just after it was written there; leave that folder alone "
                         "while it is graded.",
                         crew->work->plan->task[index].task, crew->work->results);
    tries_forget(crew->work->results, crew->work->plan->task[index].task);
    crew->work->finished(crew->work->context, index, &record, old);
    record_release(&record);
    return 0;
}

static void dismiss(struct crew *crew, struct seat *seat, bool kill_it) {
    if (!seat->alive)
        return;
    if (kill_it)
        kill(seat->process.pid, SIGKILL);
    close(seat->process.to);
    close(seat->process.from);
    while (waitpid(seat->process.pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    queue_leave(&crew->queue, &seat->group);
    *seat = (struct seat){.group = QUEUE_NO_GROUP};
}

/* The task's grader is gone, whoever ended it. */
static int grader_died(struct crew *crew, struct seat *seat, struct error *err) {
    const struct seat was = *seat;
    int status = 0;
    if (was.busy) {
        queue_put_back(&crew->queue, was.group, was.order.index);
        status = tries_mark(crew->work->results, crew->work->plan->task[was.order.index].task, TRIES_DIED, err);
    }
    dismiss(crew, seat, true);
    return status;
}

/* A result that says that there can be none. */
static int give_up(struct crew *crew, const struct order *order, const struct tries *tries, struct error *err) {
    const struct plan_task *task = &crew->work->plan->task[order->index];
    struct report_item item = {.file = crew->work->list->item[task->submission].shown, .challenge = task->challenge};
    char now[GRADER_TIME];
    grader_time(now);
    error_set(
        &item.error, ERROR_HARNESS,
        "its grading was begun %u times and never came to an end (%u times the grader itself was killed); look for "
        "a shortage of memory on this machine, then grade it again with --failed.",
        tries->begun, tries->died);
    if (grader_publish(crew->work, order, now, &item, err) < 0)
        return -1;
    return finish(crew, order->index, false, err);
}

static int send_order(struct crew *crew, struct seat *seat, const struct order *order, struct error *err) {
    const struct crew_work *work = crew->work;
    if (!seat->alive) {
        if (process_fork(grader_body, &crew->desk, &seat->process, err) != 0)
            return -1;
        seat->alive = true;
    }
    if (tries_mark(work->results, work->plan->task[order->index].task, TRIES_BEGUN, err) != 0)
        return -1;
    seat->busy = true;
    seat->order = *order;
    if (work->at != NULL)
        work->at(work->context, order->index, "");
    /* When it is dead already, its other pipe says so. */
    const ssize_t ignored = write(seat->process.to, order, sizeof *order);
    (void)ignored;
    return 0;
}

/* Gives the grader its next task. 1 when it has one, 0 when there is none left. */
static int employ(struct crew *crew, struct seat *seat, struct error *err) {
    const struct crew_work *work = crew->work;
    struct order order = {0};
    while (queue_take(&crew->queue, &seat->group, &order.index)) {
        const char *task = work->plan->task[order.index].task;
        struct tries tries;
        if (results_there(work, order.index)) { /* another run of the same shard was quicker */
            if (finish(crew, order.index, true, err) != 0)
                return -1;
            continue;
        }
        tries_read(work->results, task, &tries);
        order.begun = tries.begun + 1;
        if (tries.died < CREW_TRIES_MAX && tries.begun < CREW_BEGINS_MAX)
            return send_order(crew, seat, &order, err) == 0 ? 1 : -1;
        if (give_up(crew, &order, &tries, err) != 0)
            return -1;
    }
    return 0;
}

static int hear(struct crew *crew, struct seat *seat, struct error *err) {
    const struct crew_work *work = crew->work;
    struct reply reply;
    ssize_t got = read(seat->process.from, &reply, sizeof reply);
    if (got < 0 && errno == EINTR)
        return 0;
    if (got != (ssize_t)sizeof reply)
        return grader_died(crew, seat, err);
    if (reply.kind == REPLY_STAGE) {
        if (work->at != NULL)
            work->at(work->context, reply.index, reply.stage);
        return 0;
    }
    seat->busy = false;
    seat->served++;
    if (reply.kind == REPLY_DONE)
        return finish(crew, reply.index, false, err);
    if (reply.kind == REPLY_INTERRUPTED)
        return tries_mark(work->results, work->plan->task[reply.index].task, TRIES_INTERRUPTED, err);
    *err = reply.error;
    return -1;
}

/* Hears whoever has something to say, for at most `wait_ms`. */
static int listen_to_all(struct crew *crew, int wait_ms, struct error *err) {
    struct pollfd *line = heap_zeroed(crew->seats, sizeof line[0]);
    int status = 0;
    for (unsigned i = 0; i < crew->seats; i++)
        line[i] = (struct pollfd){.fd = crew->seat[i].alive ? crew->seat[i].process.from : -1, .events = POLLIN};
    if (poll(line, crew->seats, wait_ms) > 0)
        for (unsigned i = 0; i < crew->seats && status == 0; i++)
            if (line[i].fd >= 0 && line[i].revents != 0)
                status = hear(crew, &crew->seat[i], err);
    free(line);
    return status;
}

/* 1 while somebody works. */
static int employ_all(struct crew *crew, struct error *err) {
    int working = 0;
    for (unsigned i = 0; i < crew->seats; i++) {
        struct seat *seat = &crew->seat[i];
        if (!seat->busy) {
            if (seat->served >= SERVED_MAX)
                dismiss(crew, seat, false);
            if (employ(crew, seat, err) < 0)
                return -1;
        }
        working |= seat->busy;
    }
    return working;
}

/* Those who are at work may finish or break off, and what is finished by then is kept. */
static int stop_all(struct crew *crew, struct error *err) {
    const int64_t end_ns = clock_now_ns() + stopping_ns;
    int status = 0, working = 1;
    *crew->stop = 1;
    while (working != 0 && status == 0 && clock_now_ns() < end_ns) {
        working = 0;
        for (unsigned i = 0; i < crew->seats; i++)
            working |= crew->seat[i].busy;
        if (working != 0)
            status = listen_to_all(crew, LOOK_MS, err);
    }
    return status;
}

static int work_off(struct crew *crew, struct error *err) {
    const struct crew_work *work = crew->work;
    for (;;) {
        if (*work->cancel != 0)
            return stop_all(crew, err) != 0 ? -1 : 1;
        const int working = employ_all(crew, err);
        if (working <= 0)
            return working;
        if (listen_to_all(crew, LOOK_MS, err) != 0)
            return -1;
        if (work->idle != NULL)
            work->idle(work->context);
    }
}

/* Reports what is there already, and marks what is not. Returns how much is to be done, -1 on error. */
static int64_t look_back(struct crew *crew, bool *wanted, struct error *err) {
    int64_t left = 0;
    for (size_t i = 0; i < crew->work->plan->count && *crew->work->cancel == 0; i++) {
        struct record record;
        if (!crew_has(crew->work, i))
            continue;
        const int found = results_take(crew->work, i, &record, err);
        if (found < 0)
            return -1;
        if (found > 0 && record.result.verdict == VERDICT_HARNESS_ERROR) { /* the machine failed, not the task */
            record_release(&record);
            if (crew_set_aside(crew->work->results, crew->work->plan->task[i].task, err) != 0)
                return -1;
            wanted[i] = true;
            left++;
        } else if (found > 0) {
            crew->work->finished(crew->work->context, i, &record, true);
            record_release(&record);
        } else {
            wanted[i] = true;
            left++;
        }
    }
    return left;
}

static int open_crew(struct crew *crew, int64_t left, const bool *wanted, struct error *err) {
    crew->seats = left < (int64_t)crew->work->jobs ? (unsigned)left : crew->work->jobs;
    crew->seat = heap_zeroed(crew->seats, sizeof crew->seat[0]);
    for (unsigned i = 0; i < crew->seats; i++)
        crew->seat[i].group = QUEUE_NO_GROUP;
    void *page = mmap(NULL, sizeof *crew->stop, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return error_errno(err, "cannot get the memory that graders share");
    crew->stop = page;
    crew->desk = (struct grader_desk){crew->work, crew->stop};
    queue_open(&crew->queue, crew->work->plan, wanted);
    return 0;
}

static void close_crew(struct crew *crew) {
    const struct crew_work *work = crew->work;
    struct error ignored;
    for (unsigned i = 0; i < crew->seats; i++) {
        const struct seat *seat = &crew->seat[i];
        if (seat->busy && *work->cancel != 0) /* it took too long to stop, which is no fault of the task */
            tries_mark(work->results, work->plan->task[seat->order.index].task, TRIES_INTERRUPTED, &ignored);
        dismiss(crew, &crew->seat[i], seat->busy);
    }
    free(crew->seat);
    queue_close(&crew->queue);
    if (crew->stop != NULL)
        munmap((void *)crew->stop, sizeof *crew->stop);
}

int crew_grade(const struct crew_work *work, struct error *err) {
    struct crew crew = {.work = work};
    if (results_open(work->results, err) != 0)
        return -1;
    bool *wanted = heap_zeroed(work->plan->count, sizeof wanted[0]);
    const int64_t left = look_back(&crew, wanted, err);
    int status = left < 0 ? -1 : *work->cancel != 0;
    if (left > 0 && status == 0 && open_crew(&crew, left, wanted, err) != 0)
        status = -1;
    if (left > 0 && status == 0)
        status = work_off(&crew, err);
    if (status < 0 && crew.stop != NULL) {
        struct error other;
        stop_all(&crew, &other);
    }
    close_crew(&crew);
    free(wanted);
    return status;
}
