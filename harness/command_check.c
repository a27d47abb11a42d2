/* SPDX-License-Identifier: MIT */
/* harness check [ID|DIR...]: is each challenge a good one? All that can be found, when none is named. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "grader/prove/prove.h"
#include "harness/command.h"
#include "harness/heap.h"
#include "harness/outcome.h"
#include "harness/outfile.h"
#include "harness/packs.h"
#include "harness/progress.h"
#include "harness/report_check.h"

/* A fixed one: what is proven today must be proven tomorrow. --seed tries another. */
enum { CHECK_SEED = 20240607 };

struct session {
    const struct options *options;
    const volatile int *cancel;
    struct packs packs;
    struct screen screen;
    size_t count;
    char **directory;
    struct check_item *item;
    struct prove_report **report;
};

static bool is_stdout(const char *path) {
    return path != NULL && strcmp(path, "-") == 0;
}

static bool is_folder(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* A word is a folder when it is one or has a slash in it; else it is an id. */
static int find_pack(struct session *session, const char *word, char **directory, struct error *err) {
    const struct pack *pack;
    if (packs_get(&session->packs, word) == NULL && (strchr(word, '/') != NULL || is_folder(word))) {
        if (!is_folder(word))
            return error_set(err, ERROR_USER, "there is no folder '%s' to check.", word);
        *directory = heap_copy(word, strlen(word));
        return 0;
    }
    if (packs_need(&session->packs, word, &pack, err) != 0)
        return -1;
    *directory = heap_copy(pack->directory, strlen(pack->directory));
    return 0;
}

static int find_packs(struct session *session, struct error *err) {
    const struct options *options = session->options;
    if (packs_find(options->folder, options->folder_count, &session->packs, err) != 0)
        return -1;
    session->count = options->argument_count > 0 ? options->argument_count : session->packs.count;
    session->directory = heap_zeroed(session->count + 1, sizeof session->directory[0]);
    session->item = heap_zeroed(session->count + 1, sizeof session->item[0]);
    session->report = heap_zeroed(session->count + 1, sizeof session->report[0]);
    for (size_t i = 0; i < session->count; i++) {
        const char *word = options->argument_count > 0 ? options->argument[i] : session->packs.pack[i].id;
        if (find_pack(session, word, &session->directory[i], err) != 0)
            return -1;
        session->item[i].directory = session->directory[i];
    }
    return 0;
}

static int session_init(struct session *session, struct error *err) {
    const struct options *options = session->options;
    FILE *out = is_stdout(options->json) || is_stdout(options->junit) ? stderr : stdout;
    session->screen = (struct screen){out, screen_wants_colour(out, options->colour), screen_is_utf8()};
    if ((options->json != NULL && outfile_check(options->json, err) != 0) ||
        (options->junit != NULL && outfile_check(options->junit, err) != 0))
        return -1;
    return find_packs(session, err);
}

static void check_one(struct session *session, size_t i) {
    const struct options *options = session->options;
    struct check_item *item = &session->item[i];
    struct progress progress;
    progress_start(&progress, item->directory, !options->quiet);
    const struct prove_request request = {.directory = item->directory,
                                          .seed = options->seed_given ? options->seed : CHECK_SEED,
                                          .timing = !options->no_timing,
                                          .timing_budget_s = options->timing_budget_s,
                                          .update_example = options->update_example,
                                          .require = options->require,
                                          .at_most = options->at_most,
                                          .cancel = session->cancel,
                                          .progress = progress_tell,
                                          .progress_context = &progress};
    if (prove_run(&request, &session->report[i], &item->error) == 0)
        item->report = session->report[i];
    else
        item->interrupted = *session->cancel != 0;
    progress_clear(&progress);
}

static int write_reports(const struct session *session) {
    const struct options *options = session->options;
    struct error error;
    int code = 0;
    if (options->json != NULL) {
        char *text = report_check_json(session->item, session->count);
        code = outfile_write(options->json, text, &error) != 0 ? command_fail(&error) : 0;
        free(text);
    }
    if (options->junit != NULL) {
        char *text = report_check_junit(session->item, session->count);
        const int failed = outfile_write(options->junit, text, &error) != 0 ? command_fail(&error) : 0;
        code = failed > code ? failed : code;
        free(text);
    }
    return code;
}

/* A broken challenge is told before a machine that was too noisy for another: trying again would not mend it. */
static int worse(int a, int b) {
    if (a == EXIT_CHALLENGE || b == EXIT_CHALLENGE)
        return EXIT_CHALLENGE;
    return a > b ? a : b;
}

static int run_session(struct session *session) {
    const struct options *options = session->options;
    int worst = session->count == 0 ? EXIT_NOTHING : EXIT_ACCEPTED;
    for (size_t i = 0; i < session->count; i++) {
        if (*session->cancel != 0)
            session->item[i].interrupted = true;
        else
            check_one(session, i);
        if (i > 0 && !options->quiet)
            screen_line(&session->screen, "%s", "");
        report_check_text(&session->screen, options->quiet, options->verbose, &session->item[i]);
        fflush(session->screen.out);
        worst = worse(worst, report_check_exit(&session->item[i]));
    }
    if (session->count > 1) {
        screen_line(&session->screen, "%s", "");
        report_check_summary(&session->screen, session->item, session->count);
    }
    const int code = write_reports(session);
    return code > worst ? code : worst;
}

static void session_release(struct session *session) {
    for (size_t i = 0; i < session->count; i++) {
        if (session->report != NULL)
            prove_free(session->report[i]);
        if (session->directory != NULL)
            free(session->directory[i]);
    }
    free(session->report);
    free(session->directory);
    free(session->item);
    packs_release(&session->packs);
}

int command_check(const struct options *options, const volatile int *cancel) {
    enum { SIGNAL_BASE = 128 };
    struct session session = {.options = options, .cancel = cancel, .packs = PACKS_INIT};
    struct error error;
    const int code = session_init(&session, &error) == 0 ? run_session(&session) : command_fail(&error);
    session_release(&session);
    return *cancel != 0 ? SIGNAL_BASE + *cancel : code;
}
