/* SPDX-License-Identifier: MIT */
/* harness run FILE...: each file is graded and reported; the reports in files come last and cover all of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "grader/grade.h"
#include "grader/prove/edit.h"
#include "grader/scratch.h"
#include "harness/command.h"
#include "harness/export/export.h"
#include "harness/heap.h"
#include "harness/identify.h"
#include "harness/outcome.h"
#include "harness/outfile.h"
#include "harness/packs.h"
#include "harness/progress.h"
#include "harness/report.h"
#include "harness/result/sign.h"
#include "harness/store/keep.h"

/* One file on its way from a name to a report. */
struct job {
    const struct pack *pack;
    struct spec *spec;
    struct grade *grade;
    time_t started;
    struct scratch scratch; /* holds what an edit makes */
    char made[SCRATCH_PATH + EDIT_NAME];
};

struct session {
    const struct options *options;
    const volatile int *cancel;
    struct packs packs;
    struct screen screen;
    struct report_look look;
    struct keep keep;
    struct sign_key key;
    bool has_key;
    uint64_t seed;
    size_t count;
    struct job *job;
    struct report_item *item;
};

static int draw_seed(const struct options *options, uint64_t *seed, struct error *err) {
    *seed = options->seed;
    if (options->seed_given)
        return 0;
    if (getrandom(seed, sizeof *seed, 0) != (ssize_t)sizeof *seed)
        return error_errno(err, "cannot draw a random seed (give one with --seed)");
    return 0;
}

static int session_init(struct session *session, struct error *err) {
    const struct options *options = session->options;
    FILE *out = export_takes_stdout(options) ? stderr : stdout;
    session->screen = (struct screen){out, screen_wants_colour(out, options->colour), screen_is_utf8()};
    session->look = (struct report_look){.quiet = options->quiet,
                                         .verbose = options->verbose,
                                         .raw = options->raw,
                                         .timing = !options->no_timing,
                                         .seed_secret = options->seed_secret,
                                         .challenge_option = options->challenge};
    session->count = options->argument_count;
    session->job = heap_zeroed(session->count, sizeof session->job[0]);
    session->item = heap_zeroed(session->count, sizeof session->item[0]);
    if (export_check(options, err) != 0)
        return -1;
    session->keep.options = options;
    if (keep_check(options, err) != 0)
        return -1;
    const int key = sign_choose_secret(options->sign_key, &session->key, err);
    session->has_key = key > 0;
    if (key < 0 || draw_seed(options, &session->seed, err) != 0)
        return -1;
    return packs_find(options->folder, options->folder_count, &session->packs, err);
}

/* All names are looked at before anything runs: a typing error must not come to light after minutes. */
static int find_challenges(struct session *session, struct error *err) {
    for (size_t i = 0; i < session->count; i++) {
        const char *file = session->options->argument[i];
        if (identify(&session->packs, file, session->options->challenge, &session->job[i].pack, err) != 0)
            return -1;
        session->item[i].file = file;
        session->item[i].challenge = session->job[i].pack->id;
    }
    return 0;
}

struct teller {
    struct progress progress;
    const struct spec *spec;
};

/* A stage of timing bears the name of its case, which is not shown when the case is hidden. */
static void tell(void *context, const char *stage, size_t done, size_t total) {
    struct teller *teller = context;
    const struct spec *spec = teller->spec;
    for (size_t i = 0; i < spec->timing_count; i++)
        if (strcmp(spec->timing[i].name, stage) == 0 && spec->timing[i].family_count > 0 &&
            spec->timing[i].family[0].hidden)
            stage = "hidden timed case";
    progress_tell(&teller->progress, stage, done, total);
}

/* An author runs an edit of solutions/ like the C file that it makes. */
static int make_edit(const char *file, struct job *job, struct error *err) {
    struct edit edit;
    if (edit_read(file, &edit, err) != 0) {
        err->owner = err->owner == ERROR_CHALLENGE ? ERROR_USER : err->owner;
        return -1;
    }
    int status = scratch_open(&job->scratch, err);
    if (status == 0)
        status = edit_write(&edit, job->scratch.path, job->made, sizeof job->made, err);
    edit_release(&edit);
    return status;
}

static void grade_one(struct session *session, size_t i) {
    const struct options *options = session->options;
    struct job *job = &session->job[i];
    struct report_item *item = &session->item[i];
    struct teller teller;
    job->started = time(NULL);
    if (spec_load(job->pack->directory, &job->spec, &item->error) != 0 ||
        (edit_is(item->file) && make_edit(item->file, job, &item->error) != 0))
        return;
    progress_start(&teller.progress, item->file, !options->quiet);
    teller.spec = job->spec;
    const struct grade_request request = {.spec = job->spec,
                                          .file = job->made[0] != '\0' ? job->made : item->file,
                                          .seed = session->seed,
                                          .only_case = options->only_case,
                                          .timing = !options->no_timing,
                                          .timing_budget_s = options->timing_budget_s,
                                          .threads = options->threads,
                                          .require = options->require,
                                          .require_by_default = !options->require_given,
                                          .at_most = options->at_most,
                                          .cancel = session->cancel,
                                          .progress = tell,
                                          .progress_context = &teller};
    if (grade_run(&request, &job->grade, &item->error) == 0) {
        free(job->grade->file); /* the name that was given, also where something was made of it */
        job->grade->file = heap_copy(item->file, strlen(item->file));
        item->grade = job->grade;
    } else
        item->interrupted = *session->cancel != 0;
    progress_clear(&teller.progress);
}

static void report_one(const struct session *session, size_t i) {
    const struct report_item *item = &session->item[i];
    if (i > 0 && !session->look.quiet)
        screen_line(&session->screen, "%s", "");
    if (item->grade == NULL && !item->interrupted && item->error.owner == ERROR_USER)
        command_fail(&item->error);
    else
        report_text(&session->screen, &session->look, item);
    fflush(session->screen.out);
}

/* Writes the reports that were asked for. Returns the exit code of a failure, 0 if all is well. */
static int write_reports(const struct session *session) {
    const struct options *options = session->options;
    struct error error;
    int code = 0;
    if (options->json != NULL) {
        char *text = report_json(session->item, session->count, &session->look);
        if (session->has_key) {
            char *plain = text;
            text = sign_text(&session->key, plain);
            free(plain);
        }
        if (outfile_write(options->json, text, &error) != 0)
            code = command_fail(&error);
        free(text);
    }
    int failed = export_write_reports(options, session->item, session->count, &session->look);
    return failed > code ? failed : code;
}

static int run_session(struct session *session) {
    int worst = EXIT_ACCEPTED;
    for (size_t i = 0; i < session->count; i++) {
        if (*session->cancel != 0)
            session->item[i].interrupted = true;
        else
            grade_one(session, i);
        report_one(session, i);
        int code = report_exit(&session->item[i]);
        if (!session->options->exit_zero || code == EXIT_USAGE) /* then there is no result at all */
            worst = code > worst ? code : worst;
        code = keep_item(&session->keep, &session->screen, &session->look, &session->item[i], session->job[i].started);
        worst = code > worst ? code : worst;
    }
    if (session->count > 1 && !session->look.quiet) {
        screen_line(&session->screen, "%s", "");
        report_text_summary(&session->screen, session->item, session->count);
    }
    int code = write_reports(session);
    return code > worst ? code : worst;
}

static void session_release(struct session *session) {
    for (size_t i = 0; i < session->count; i++) {
        if (session->job != NULL && session->job[i].grade != NULL)
            grade_free(session->job[i].grade);
        if (session->job != NULL && session->job[i].spec != NULL)
            spec_free(session->job[i].spec);
        if (session->job != NULL)
            scratch_release(&session->job[i].scratch);
    }
    free(session->job);
    free(session->item);
    packs_release(&session->packs);
    sign_forget(&session->key);
}

int command_run(const struct options *options, const volatile int *cancel) {
    enum { SIGNAL_BASE = 128 };
    struct session session = {.options = options, .cancel = cancel, .packs = PACKS_INIT};
    struct error error;
    int code;
    if (session_init(&session, &error) == 0 && find_challenges(&session, &error) == 0)
        code = run_session(&session);
    else
        code = command_fail(&error);
    session_release(&session);
    return *cancel != 0 ? SIGNAL_BASE + *cancel : code;
}
