/* SPDX-License-Identifier: MIT */
/* harness grade DIR|FILE|ARCHIVE...: finds submissions, grades those that have no result yet, and reports all. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "grader/clock.h"
#include "grader/names.h"
#include "harness/batch/board.h"
#include "harness/batch/crew.h"
#include "harness/batch/ending.h"
#include "harness/batch/slurm.h"
#include "harness/batch/tally.h"
#include "harness/command.h"
#include "harness/export/export.h"
#include "harness/format.h"
#include "harness/heap.h"
#include "harness/outcome.h"
#include "harness/store/keep.h"
#include "harness/store/store.h"

/* Where tasks are graded. All keep to the contract of crew_grade(). */
static const struct engine {
    const char *name;
    int (*check)(const struct options *options, struct error *err); /* of what it cannot do; or NULL */
    int (*grade)(const struct crew_work *work, struct error *err);
} ENGINE[] = {
    {"local", NULL, crew_grade},
    {"slurm", slurm_check, slurm_grade},
};
enum { ENGINES = sizeof ENGINE / sizeof ENGINE[0] };

struct session {
    const struct options *options;
    const struct engine *engine;
    struct screen screen;
    struct packs packs;
    struct submissions list;
    struct plan plan;
    struct scratch scratch; /* of results that nobody asked to keep */
    const char *results;
    struct sign_key key;
    bool has_key;
    struct crew_work work;
    bool *skip;
    struct board board;
    struct tally tally;
};

static int find_engine(struct session *session, struct error *err) {
    const char *wanted = session->options->engine != NULL ? session->options->engine : ENGINE[0].name;
    const char *name[ENGINES];
    for (size_t i = 0; i < ENGINES; i++) {
        name[i] = ENGINE[i].name;
        if (strcmp(name[i], wanted) == 0)
            session->engine = &ENGINE[i];
    }
    if (session->engine != NULL)
        return session->engine->check != NULL ? session->engine->check(session->options, err) : 0;
    const char *near = names_nearest(wanted, name, ENGINES);
    return error_set(err, ERROR_USER, "there is no engine '%s'; %s '%s'.", wanted,
                     near != NULL ? "did you mean" : "without --engine it is", near != NULL ? near : ENGINE[0].name);
}

static int read_key(struct session *session, struct error *err) {
    const int found = sign_choose_secret(session->options->sign_key, &session->key, err);
    session->has_key = found > 0;
    return found < 0 ? -1 : 0;
}

/* Everything that can be wrong with the command line comes to light here, before anything runs. */
static int find_work(struct session *session, struct error *err) {
    const struct options *options = session->options;
    FILE *out = export_takes_stdout(options) ? stderr : stdout;
    session->screen = (struct screen){out, screen_wants_colour(out, options->colour), screen_is_utf8()};
    if (find_engine(session, err) != 0 || ending_check(options, err) != 0 || read_key(session, err) != 0 ||
        packs_find(options->folder, options->folder_count, &session->packs, err) != 0)
        return -1;
    if (submissions_find(&session->packs, options->argument, options->argument_count, options->challenge,
                         &session->list, err) != 0)
        return -1;
    for (size_t i = 0; i < session->list.note_count && !options->quiet; i++)
        screen_note(session->list.note[i]);
    return 0;
}

static int open_plan(struct session *session, struct error *err) {
    const struct options *options = session->options;
    session->results = options->results;
    scratch_clean_stale(); /* of killed graders, also when there is nothing left to grade */
    if (session->results == NULL) {
        if (scratch_open(&session->scratch, err) != 0 || chmod(session->scratch.path, 0700) != 0)
            return -1;
        session->results = session->scratch.path;
    }
    if (plan_open(&session->list, options, options->results, &session->plan, err) != 0)
        return -1;
    session->skip = heap_zeroed(session->plan.count, sizeof session->skip[0]);
    return options->results != NULL ? plan_write_manifest(&session->plan, options->results, err) : 0;
}

/* --failed with --results: what was not accepted makes room. */
static int set_failed_aside(struct session *session, struct error *err) {
    for (size_t i = 0; i < session->plan.count; i++) {
        const char *task = session->plan.task[i].task;
        struct record record;
        struct error ignored;
        char *path = record_path(session->results, task);
        const bool read = crew_has(&session->work, i) && record_read(path, &record, &ignored) == 0;
        const bool failed = read && record.result.verdict != VERDICT_PASSED;
        free(path);
        if (read)
            record_release(&record);
        if (failed && crew_set_aside(session->results, task, err) != 0)
            return -1;
    }
    return 0;
}

struct last_time {
    const char *task, *sha256;
    bool accepted;
};

static int look_at_row(void *context, const struct store_row *row) {
    struct last_time *last = context;
    if (strcmp(row->task, last->task) != 0)
        return 0;
    last->accepted = row->verdict == VERDICT_PASSED && strcmp(row->sha256, last->sha256) == 0;
    return 1;
}

/* --failed without a folder: the store knows. What it has never seen, or not as it is now, is graded. */
static int skip_accepted(struct session *session, struct error *err) {
    struct store *store;
    int status = 0;
    if (store_open(session->options->store, &store, err) != 0)
        return -1;
    for (size_t i = 0; i < session->plan.count && status >= 0; i++) {
        const struct plan_task *task = &session->plan.task[i];
        struct last_time last = {.task = task->task, .sha256 = session->list.item[task->submission].sha256};
        const struct store_query query = {.challenge = task->challenge, .person = task->person};
        status = store_each(store, &query, look_at_row, &last, err);
        session->skip[i] = last.accepted;
    }
    store_close(store);
    return status < 0 ? -1 : 0;
}

static void finished(void *context, size_t index, const struct record *record, bool old) {
    struct session *session = context;
    (void)index;
    tally_add(&session->tally, record->person, record->task, &record->result);
    board_finished(&session->board, record, old);
}

static void at(void *context, size_t index, const char *stage) {
    struct session *session = context;
    board_at(&session->board, session->plan.task[index].task, stage);
}

static void idle(void *context) {
    struct session *session = context;
    board_draw(&session->board);
}

/* Were there tasks in this shard, and all of them accepted the last time? */
static bool all_accepted(const struct session *session) {
    bool any = false;
    for (size_t i = 0; i < session->plan.count && !any; i++)
        any = session->skip[i] && shard_has(&session->plan.shard, i, session->plan.task[i].task);
    return any;
}

static size_t count_tasks(const struct session *session) {
    size_t count = 0;
    for (size_t i = 0; i < session->plan.count; i++)
        count += crew_has(&session->work, i);
    return count;
}

static void put_head(const struct session *session, size_t count) {
    const struct screen screen = {stderr, false, session->screen.utf8};
    if (session->options->quiet)
        return;
    screen_line(&screen, "%zu submission%s, %u at a time%s", count, count == 1 ? "" : "s", session->work.jobs,
                session->options->no_timing ? "" : ", each timed alone");
}

static int prepare(struct session *session, const volatile int *cancel, struct error *err) {
    const struct options *options = session->options;
    if (open_plan(session, err) != 0)
        return -1;
    session->work = (struct crew_work){.options = options,
                                       .list = &session->list,
                                       .plan = &session->plan,
                                       .results = session->results,
                                       .key = session->has_key ? &session->key : NULL,
                                       .jobs = options->jobs > 0 ? options->jobs : crew_cores(),
                                       .skip = session->skip,
                                       .cancel = cancel,
                                       .finished = finished,
                                       .at = at,
                                       .idle = idle,
                                       .context = session};
    if (!options->failed)
        return 0;
    return options->results != NULL ? set_failed_aside(session, err) : skip_accepted(session, err);
}

/* One result after the other; those that an interrupted run does not have are left out. */
static int each(void *context, ending_visit_fn *visit, void *into, struct error *err) {
    const struct session *session = context;
    int status = 0;
    for (size_t i = 0; i < session->plan.count && status == 0; i++) {
        struct record record;
        struct stat there;
        char *path = record_path(session->results, session->plan.task[i].task);
        if (crew_has(&session->work, i) && stat(path, &there) == 0) {
            status = record_read(path, &record, err);
            if (status == 0) {
                status = visit(into, &record);
                record_release(&record);
            }
        }
        free(path);
    }
    return status;
}

static int report(struct session *session, int64_t start_ns) {
    const struct options *options = session->options;
    char seconds[FORMAT_SIZE], *seed = keep_seed_reference(session->plan.seed);
    const struct ending ending = {
        .options = options, .command = "grade", .seed_reference = seed, .each = each, .context = session};
    if (!options->quiet)
        tally_print(&session->tally, &session->screen);
    const int code = ending_write(&ending);
    char *files = ending_files(options);
    screen_wrap(&session->screen, 0, "%zu of %zu accepted   %s%s%s", session->tally.accepted, session->tally.count,
                format_seconds(seconds, clock_now_ns() - start_ns), files[0] != '\0' ? "   wrote " : "", files);
    free(files);
    free(seed);
    return code;
}

static int run_session(struct session *session) {
    struct error error;
    const int64_t start_ns = clock_now_ns();
    const size_t count = count_tasks(session);
    if (count == 0 && all_accepted(session)) {
        screen_note("all submissions were accepted the last time; there is nothing to grade.");
        return EXIT_NOTHING;
    }
    board_start(&session->board, count, session->options->quiet);
    put_head(session, count);
    const int status = session->engine->grade(&session->work, &error);
    board_clear(&session->board);
    int code = status < 0 ? command_fail(&error) : EXIT_ACCEPTED;
    const int failed = report(session, start_ns);
    code = failed > code ? failed : code;
    if (session->options->exit_zero && status == 0)
        return code;
    return session->tally.exit > code ? session->tally.exit : code;
}

static int nothing(const struct options *options) {
    struct error error;
    error_set(&error, ERROR_USER,
              "there is no submission in '%s'%s; give a folder of C files, one folder for each person.",
              options->argument[0], options->argument_count > 1 ? " or in the others" : "");
    command_fail(&error);
    return EXIT_NOTHING;
}

static void session_release(struct session *session) {
    tally_release(&session->tally);
    free(session->skip);
    plan_release(&session->plan);
    submissions_release(&session->list);
    packs_release(&session->packs);
    scratch_release(&session->scratch);
    sign_forget(&session->key);
}

int command_grade(const struct options *options, const volatile int *cancel) {
    enum { SIGNAL_BASE = 128 };
    struct session session = {.options = options, .packs = PACKS_INIT};
    struct error error;
    int code;
    if (find_work(&session, &error) != 0)
        code = command_fail(&error);
    else if (session.list.count == 0)
        code = nothing(options);
    else if (prepare(&session, cancel, &error) != 0)
        code = command_fail(&error);
    else
        code = run_session(&session);
    session_release(&session);
    return *cancel != 0 ? SIGNAL_BASE + *cancel : code;
}
