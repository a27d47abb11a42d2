/* SPDX-License-Identifier: MIT */
/* The examples in the statement: fenced blocks whose info string is `example CASE`, which must be exactly what the
 * reference gives for that public case. One at least, and one for each function if there are several. Made here, so
 * that nobody types numbers:
 *
 *     ```example two_tokens
 *     t = 2, d = 3
 *     q[2][3]
 *         0.5  -1.25      2
 *     ...
 *     ```
 *
 * A state that stages hand on is left out: its format is the solution's own. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/prove/proof.h"

enum { NUMBERS_MAX = 160, FLOATS_MAX = 6, INTEGERS_MAX = 8, LINE_MAX_COLUMNS = 76 };
enum { EXAMPLE_SEED = 1, STATEMENT_BYTES = 1 << 20 };

static const char fence[] = "```example ";

struct block { /* of the statement: the lines between the fences */
    char name[64];
    size_t begin, end;
};

static bool find_block(const char *text, size_t from, struct block *block) {
    for (const char *line = text + from; line != NULL && *line != '\0';) {
        const char *next = strchr(line, '\n');
        if (next != NULL && strncmp(line, fence, strlen(fence)) == 0) {
            const char *close = strstr(next, "\n```");
            if (close == NULL)
                return false;
            snprintf(block->name, sizeof block->name, "%.*s", (int)(next - line - (long)strlen(fence)),
                     line + strlen(fence));
            block->begin = (size_t)(next + 1 - text);
            block->end = (size_t)(close + 1 - text);
            return true;
        }
        line = next == NULL ? NULL : next + 1;
    }
    return false;
}

static bool is_state(const struct spec_entry *entry, size_t a) {
    for (size_t i = 0; i < entry->argument_count; i++) {
        const size_t from = entry->argument[i].carry;
        if (from < entry->argument_count && (i == a || from == a) &&
            entry->argument[from].tolerance.rule == SPEC_RULE_JUDGED)
            return true;
    }
    return false;
}

/* -0 is shown as 0, and NaN without a sign: which of the two comes out is nobody's business here. */
static void put_number(FILE *out, const struct tensor *tensor, const void *array, int64_t i) {
    const double x = dtype_load(tensor->type, array, (size_t)i);
    if (isnan(x))
        fprintf(out, " %11s", "nan");
    else
        fprintf(out, dtype_info(tensor->type)->floating ? " %11.6g" : " %7.0f", x == 0 ? 0.0 : x);
}

static void put_tensor(FILE *out, const struct tensor *tensor, const char *title, const void *array) {
    fprintf(out, "%s", tensor->name);
    if (tensor->null) {
        fprintf(out, " = NULL\n");
        return;
    }
    for (size_t i = 0; i < tensor->rank; i++)
        fprintf(out, "[%" PRId64 "]", tensor->shape[i]);
    fprintf(out, "%s\n", title);
    const int64_t columns = tensor->rank > 0 ? tensor->shape[tensor->rank - 1] : 1;
    const int64_t most = dtype_info(tensor->type)->floating ? FLOATS_MAX : INTEGERS_MAX; /* that fit a line */
    for (int64_t i = 0; i < tensor->count; i++) {
        put_number(out, tensor, array, i);
        const bool row_ends = columns > 0 && (i + 1) % columns == 0;
        if (row_ends || (i % columns) % most == most - 1)
            fputc('\n', out);
    }
}

/* In lines that fit a statement: `harness show` cuts what is longer. */
static void put_values(FILE *out, const struct trial *trial) {
    int column = 0;
    for (size_t a = 0; a < trial->entry->argument_count; a++) {
        const struct spec_argument *argument = &trial->entry->argument[a];
        if (argument->role != SPEC_SIZE && argument->role != SPEC_SCALAR)
            continue;
        const int width = snprintf(NULL, 0, "%s = %.6g", argument->name, trial->c->value[a]);
        const bool fits = column + 2 + width < LINE_MAX_COLUMNS;
        if (column > 0)
            fprintf(out, fits ? ", " : ",\n");
        column = column > 0 && fits ? column + 2 + width : width;
        fprintf(out, "%s = %.6g", argument->name, trial->c->value[a]);
    }
    fprintf(out, "\n");
}

static char *make_text(const struct proof_content *content) {
    const struct trial *trial = &content->trial;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert(out != NULL);
    put_values(out, trial);
    for (size_t a = 0; a < trial->tensor_count; a++)
        if ((trial->tensor[a].role == SPEC_INPUT || trial->tensor[a].role == SPEC_INOUT) && !is_state(trial->entry, a))
            put_tensor(out, &trial->tensor[a], "", trial->tensor[a].data);
    for (size_t i = 0; i < content->answer.count; i++) {
        const struct expected_output *output = &content->answer.output[i];
        struct tensor shown = trial->tensor[output->argument];
        if (proof_is_measure(trial, output) || is_state(trial->entry, output->argument))
            continue;
        void *array = proof_perfect(trial, output);
        shown.rank = output->rank;
        shown.shape = output->shape;
        shown.count = output->count;
        put_tensor(out, &shown, output->rule.rule == SPEC_RULE_JUDGED ? ", a right answer" : ", the answer", array);
        free(array);
    }
    const int failed = fclose(out);
    assert(failed == 0);
    (void)failed;
    return text;
}

static int64_t count_numbers(const struct spec *spec, const struct spec_case *c) {
    int64_t numbers = 0;
    const struct spec_entry *entry = &spec->entry[c->entry];
    for (size_t a = 0; a < entry->argument_count; a++) {
        const struct spec_argument *argument = &entry->argument[a];
        const bool output = spec_role_is_output(argument->role);
        const int64_t calls = output ? (int64_t)spec_case_calls(c) : 1;
        numbers += spec_is_shown(argument) && !is_state(entry, a) ? calls * spec_case_count(spec, c, a) : 0;
    }
    return numbers;
}

static const struct spec_case *find_case(const struct spec *spec, const char *name) {
    for (size_t i = 0; i < spec->case_count; i++)
        if (!spec->cases[i].hidden && strcmp(spec->cases[i].name, name) == 0)
            return &spec->cases[i];
    return NULL;
}

/* The block's text becomes `example`, in the file and in *statement. */
static int rewrite(const struct proof *proof, char **statement, struct block *block, const char *example,
                   struct error *err) {
    char *path = proof_text("%s/README.md", proof->spec->directory);
    char *text = proof_text("%.*s%s%s", (int)block->begin, *statement, example, *statement + block->end);
    const int status = scratch_write(path, text, strlen(text), err);
    block->end = block->begin + strlen(example);
    free(*statement);
    *statement = text;
    free(path);
    return status;
}

static void summarise(struct prove_step *step, const char *name, bool anew) {
    const size_t used = strlen(step->summary);
    snprintf(step->summary + used, sizeof step->summary - used, "%s%s%s", used == 0 ? "case " : ", ", name,
             anew ? " written anew" : "");
}

static int judge_example(struct proof *proof, struct prove_step *step, char **statement, struct block *block,
                         const char *example, struct error *err) {
    const size_t length = strlen(example);
    const bool same = length == block->end - block->begin && memcmp(example, *statement + block->begin, length) == 0;
    const bool anew = !same && proof->request->update_example;
    summarise(step, block->name, anew);
    if (anew)
        return rewrite(proof, statement, block, example, err);
    if (!same) {
        char *what = proof_text("its example %s is not what the reference gives", block->name);
        proof_find(step, PROVE_FAILED, "README.md", what, "write it anew with `harness check --update-example`");
        free(what);
    }
    return 0;
}

static int judge_block(struct proof *proof, struct prove_step *step, char **statement, struct block *block,
                       struct error *err) {
    const struct spec_case *c = find_case(proof->spec, block->name);
    struct proof_content content = {.trial = {0}};
    if (c == NULL || count_numbers(proof->spec, c) > NUMBERS_MAX) {
        char *what = proof_text(c == NULL ? "its example %s is no public case" : "its example %s is too long to read",
                                block->name);
        proof_find(step, PROVE_FAILED, "README.md", what, "name a small public case behind ```example");
        free(what);
        return 0;
    }
    if (trial_init(&content.trial, proof->spec, c, err) != 0)
        return -1;
    trial_fill(&content.trial, EXAMPLE_SEED, 0);
    int status = oracle_generate(proof->oracle, &content.trial, err);
    if (status == 0)
        status = oracle_answer(proof->oracle, &content.trial, &content.answer, err);
    char *example = status == 0 ? make_text(&content) : NULL;
    proof_content_release(&content);
    if (status != 0)
        return proof_blame(proof, step, c->name, "mend the reference", err);
    status = judge_example(proof, step, statement, block, example, err);
    free(example);
    return status;
}

int proof_example(struct proof *proof, struct prove_step *step, struct error *err) {
    char *path = proof_text("%s/README.md", proof->spec->directory), *statement = NULL;
    struct block block = {.name = ""};
    size_t size, found = 0;
    int status = 0;
    if (scratch_read(path, STATEMENT_BYTES, &statement, &size, err) != 0)
        statement = NULL;
    while (statement != NULL && status == 0 && find_block(statement, block.end, &block)) {
        status = judge_block(proof, step, &statement, &block, err);
        found++;
    }
    if (found == 0)
        proof_find(step, PROVE_FAILED, "README.md", "the statement shows no example",
                   "add a block that begins with ```example CASE and ends with ```, then `harness check "
                   "--update-example`");
    free(statement);
    free(path);
    return status;
}
