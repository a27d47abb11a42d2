/* SPDX-License-Identifier: MIT */
/* harness merge DIR...: the parts of a run, graded in different places, become one. */
#include <stdlib.h>

#include "harness/batch/ending.h"
#include "harness/batch/merge.h"
#include "harness/batch/tally.h"
#include "harness/command.h"
#include "harness/export/export.h"
#include "harness/outcome.h"
#include "harness/result/sign.h"

struct session {
    const struct options *options;
    const volatile int *cancel;
    struct screen screen;
    struct merged merged;
    struct tally tally;
};

static int count(void *into, struct record *record) {
    struct session *session = into;
    tally_add(&session->tally, record->person, record->task, &record->result);
    return *session->cancel != 0;
}

static int gather(struct session *session, struct error *err) {
    const struct options *options = session->options;
    unsigned char key[SIGN_PUBLIC_BYTES];
    if (ending_check(options, err) != 0 || (options->key != NULL && sign_read_public(options->key, key, err) != 0) ||
        merge_folders(options->argument, options->argument_count, options->key != NULL ? key : NULL, &session->merged,
                      err) != 0)
        return -1;
    return merge_each(&session->merged, count, session, err);
}

static void put_summary(struct session *session) {
    const struct tally *tally = &session->tally;
    char *files = ending_files(session->options);
    if (!session->options->quiet)
        tally_print(&session->tally, &session->screen);
    screen_wrap(&session->screen, 0, "%zu of %zu accepted  %zu shard%s of the run %s%s%s", tally->accepted,
                tally->count, session->merged.shards, session->merged.shards == 1 ? "" : "s", session->merged.run,
                files[0] != '\0' ? "  wrote " : "", files);
    free(files);
}

static int finish(struct session *session) {
    const struct options *options = session->options;
    const struct ending ending = {.options = options,
                                  .command = "merge",
                                  .seed_reference = session->merged.commitment,
                                  .each = merge_each,
                                  .context = &session->merged};
    const int failed = ending_write(&ending);
    put_summary(session);
    if (failed != 0)
        return failed;
    if (session->tally.count == 0)
        return EXIT_NOTHING;
    return options->exit_zero ? EXIT_ACCEPTED : session->tally.exit;
}

int command_merge(const struct options *options, const volatile int *cancel) {
    enum { SIGNAL_BASE = 128 };
    FILE *out = export_takes_stdout(options) ? stderr : stdout;
    struct session session = {.options = options,
                              .cancel = cancel,
                              .screen = {out, screen_wants_colour(out, options->colour), screen_is_utf8()}};
    struct error error;
    const int status = gather(&session, &error);
    int code = EXIT_ACCEPTED;
    if (status < 0)
        code = command_fail(&error);
    else if (*cancel == 0)
        code = finish(&session);
    tally_release(&session.tally);
    merge_release(&session.merged);
    return *cancel != 0 ? SIGNAL_BASE + *cancel : code;
}
