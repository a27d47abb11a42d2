/* SPDX-License-Identifier: MIT */
/* Is it right? Every case is visited several times, as the table of visits says, and every answer must be right. */
#include <stdio.h>
#include <stdlib.h>

#include "grader/visit.h"

enum { TIME_LIMITS_MAX = 2 };

/* The largest memories that any call of the case needs; none when the grading was cancelled before the trial was made.
 */
static void make_room(const struct trial *trial, enum layout_variant variant, size_t *input_bytes,
                      size_t *output_bytes) {
    for (size_t k = 0; trial->c != NULL && k < spec_case_calls(trial->c); k++) {
        struct trial stage;
        struct layout layout;
        if (trial->c->stage_count > 0)
            trial_stage(trial, k, &stage);
        layout_make(&layout, trial->c->stage_count > 0 ? &stage : trial, 1, variant, 0);
        *input_bytes = layout.input_bytes > *input_bytes ? layout.input_bytes : *input_bytes;
        *output_bytes = layout.output_bytes > *output_bytes ? layout.output_bytes : *output_bytes;
    }
}

static int open_memories(struct grading *g, struct classroom *room, struct error *err) {
    size_t input_bytes = 0, output_bytes = 0;
    for (size_t i = 0; i < g->question_count; i++) {
        size_t count;
        const struct visit *visit = visit_list(g->question[i].c, &count);
        for (size_t v = 0; v < count; v++)
            make_room(&g->question[i].trial[visit[v].content], visit_variant(i, &visit[v]), &input_bytes,
                      &output_bytes);
    }
    room->arena = (struct arena){&room->inputs, &room->outputs};
    if (memory_open(&room->inputs, "inputs", input_bytes, true, err) != 0)
        return -1;
    return memory_open(&room->outputs, "outputs", output_bytes, false, err);
}

static int examine(struct exam *exam, struct error *err) {
    struct grade_case *result = exam->result;
    result->verdict = VERDICT_PASSED;
    size_t count;
    const struct visit *visit = visit_list(exam->g->question[exam->index].c, &count);
    int status = 0;
    for (size_t v = 0; v < count && status == 0 && result->verdict == VERDICT_PASSED; v++)
        status = visit_make(exam, &visit[v], err);
    snapshot_release(&exam->first);
    if (result->verdict == VERDICT_TIME_LIMIT)
        exam->room->time_limits++;
    return status;
}

int grading_correct(struct grading *g, struct error *err) {
    struct classroom room = {.inputs = MEMORY_INIT, .outputs = MEMORY_INIT};
    int status = open_memories(g, &room, err);
    for (size_t i = 0; i < g->question_count && status == 0; i++) {
        struct grade_case *result = &g->grade->cases[i];
        if (grading_progress(g, "correct", i, g->question_count))
            break;
        if (room.time_limits >= TIME_LIMITS_MAX) {
            snprintf(result->detail, sizeof result->detail, "not run: two cases before it did not return in time");
            continue;
        }
        struct exam exam = {.g = g, .room = &room, .index = i, .result = result};
        status = examine(&exam, err);
    }
    if (status != 0 && grading_cancelled(g))
        status = 0;
    if (room.run != NULL)
        grading_keep_output(g, room.run);
    run_close(room.run);
    memory_release(&room.inputs);
    memory_release(&room.outputs);
    return status;
}
