/* SPDX-License-Identifier: MIT */
/* One file of the pack, graded. A solution that is written as edits is made first; what the compiler says about it is
 * told with the place that its author can look at. */
#include <stdio.h>
#include <string.h>

#include "grader/prove/edit.h"
#include "grader/prove/proof.h"

enum { PATH_BYTES = SCRATCH_PATH + EDIT_NAME };

enum verdict proof_promise(const char *path) {
    char code[64] = "";
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return VERDICT_COUNT;
    const int got = fscanf(file, "// expect: %63s", code);
    fclose(file);
    return got == 1 ? verdict_from_code(code) : VERDICT_COUNT;
}

/* `edit` is NULL for a file that was compiled as it stands. */
static void tell_compile_error(const struct diagnostics *said, const struct edit *edit, char *detail, size_t size) {
    const struct diagnostic *first = &said->item[0];
    char place[EDIT_NAME + 16] = "";
    for (size_t i = said->count; i-- > 0;)
        if (strstr(said->item[i].kind, "error") != NULL)
            first = &said->item[i];
    if (edit != NULL)
        edit_place(edit, first->line, place, sizeof place);
    else if (first->line > 0)
        snprintf(place, sizeof place, "line %d", first->line);
    snprintf(detail, size, "%s%s%.200s", place, place[0] != '\0' ? ": " : "", first->message);
}

static void take_times(const struct grade *grade, struct prove_solution *row) {
    row->slowest = 0;
    for (size_t i = 0; i < grade->timing_count; i++) {
        const struct grade_timing *timing = &grade->timing[i];
        const bool known = timing->verdict == VERDICT_PASSED || timing->verdict == VERDICT_TOO_SLOW;
        row->used = timing->used > row->used ? timing->used : row->used;
        if (known && (row->slowest == 0 || timing->estimate.ratio < row->slowest))
            row->slowest = timing->estimate.ratio;
    }
}

/* What one grading adds to the row of its file. */
static void take(const struct spec *spec, const struct grade *grade, const struct edit *edit,
                 struct prove_solution *row) {
    row->got = grade->verdict;
    row->ratio = grade->ratio;
    row->failed_gates = proof_gates_failed(grade);
    for (size_t i = 0; i < grade->case_count; i++) {
        const struct grade_case *c = &grade->cases[i];
        const double calls = c->call_count > 0 ? (double)c->call_count : 1;
        const double share = (double)c->wall_ns / calls / 1e6 / (double)spec->limits.call_ms;
        row->used = c->used > row->used ? c->used : row->used;
        row->call_share = share > row->call_share ? share : row->call_share;
    }
    take_times(grade, row);
    const char *where = "";
    if (grade->decided_by == GRADE_CORRECT && grade->deciding < grade->case_count)
        where = grade->cases[grade->deciding].name;
    else if (grade->decided_by == GRADE_SPEED && grade->deciding < grade->timing_count)
        where = grade->timing[grade->deciding].name;
    if (grade->verdict == VERDICT_COMPILE_ERROR && grade->build.diagnostics.count > 0)
        tell_compile_error(&grade->build.diagnostics, edit, row->detail, sizeof row->detail);
    else
        snprintf(row->detail, sizeof row->detail, "%s%s%.280s", where, grade->detail[0] != '\0' ? ": " : "",
                 grade->detail);
}

static int grade_file(const struct proof *proof, const char *path, double timing_s, const struct edit *edit,
                      struct prove_solution *row, struct error *err) {
    const struct prove_request *request = proof->request;
    const struct grade_request grading = {.spec = proof->spec,
                                          .file = path,
                                          .seed = request->seed,
                                          .timing = timing_s > 0,
                                          .timing_budget_s = timing_s,
                                          .require = request->require,
                                          .at_most = request->at_most,
                                          .answers = proof->answers,
                                          .cancel = request->cancel};
    struct grade *grade = NULL;
    if (grade_run(&grading, &grade, err) != 0)
        return -1;
    take(proof->spec, grade, edit, row);
    grade_free(grade);
    return 0;
}

int proof_grade(const struct proof *proof, const char *path, double timing_s, struct prove_solution *row,
                struct error *err) {
    struct edit edit;
    char made[PATH_BYTES];
    if (!edit_is(path))
        return grade_file(proof, path, timing_s, NULL, row, err);
    if (edit_read(path, &edit, err) != 0)
        return -1;
    int status = edit_write(&edit, proof->scratch.path, made, sizeof made, err);
    if (status == 0)
        status = grade_file(proof, made, timing_s, &edit, row, err);
    edit_release(&edit);
    return status;
}
