/* SPDX-License-Identifier: MIT */
/* What every stage of one grading uses. */
#include "grader/grading.h"

#include <stdlib.h>
#include <string.h>

enum { OUTPUT_KEPT = 64 << 10 };

bool grading_cancelled(const struct grading *g) {
    return g->request->cancel != NULL && *g->request->cancel;
}

bool grading_progress(const struct grading *g, const char *stage, size_t done, size_t total) {
    if (g->request->progress != NULL)
        g->request->progress(g->request->progress_context, stage, done, total);
    return grading_cancelled(g);
}

static void tell_waiting(void *context) {
    grading_progress(context, "waiting for another measurement", 0, 0);
}

int grading_take_turn(struct grading *g, enum turn_kind kind, struct error *err) {
    return turn_take(&g->turn, kind, g->request->cancel, tell_waiting, g, err);
}

void grading_run_setup(const struct grading *g, struct run_setup *setup) {
    *setup = (struct run_setup){.worker = g->pack.worker,
                                .stub = g->pack.candidate_stub,
                                .solution = g->solution,
                                .function = g->entry,
                                .function_count = g->request->spec->entry_count,
                                .support = &g->support,
                                .limits = &g->request->spec->limits,
                                .threads = g->threads,
                                .cpu = -1,
                                .cancel = g->request->cancel};
}

void grading_keep_output(struct grading *g, const struct run *run) {
    struct grade *grade = g->grade;
    size_t bytes = 0;
    const char *text = run_output(run, &bytes);
    size_t room = OUTPUT_KEPT - grade->output_bytes;
    bytes = bytes < room ? bytes : room;
    char *grown = bytes > 0 ? realloc(grade->output_text, grade->output_bytes + bytes + 1) : NULL;
    if (grown == NULL)
        return;
    memcpy(grown + grade->output_bytes, text, bytes);
    grade->output_text = grown;
    grade->output_bytes += bytes;
    grown[grade->output_bytes] = '\0';
}
