/* SPDX-License-Identifier: MIT */
/* Gradescope's results.json.
 *
 * Hidden cases are "after_published": students see them with their grades. Until then Gradescope also hides the total
 * from students, as it does whenever any test is not visible, so the visible words on top say the points. All texts are
 * plain: a format with markup would hand the page to whoever wrote the submission. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/export/export_part.h"
#include "harness/format.h"
#include "harness/heap.h"
#include "harness/report_json_part.h"
#include "harness/result/cause.h"
#include "harness/text_escape.h"

static void put_line(cJSON *object, const char *key, const char *text) {
    char *line = text_line(text);
    report_json_text(object, key, line);
    free(line);
}

struct writer {
    cJSON *tests;
    size_t submission; /* from 1 */
    size_t test;
    const char *before; /* of every name: "" or the challenge and a colon */
};

/* `words` is taken. */
static cJSON *put_test(struct writer *writer, const char *name, enum verdict verdict, bool hidden, char *words) {
    cJSON *test = cJSON_CreateObject();
    char *whole = heap_format("%s%s", writer->before, name);
    char *number = heap_format("%zu.%zu", writer->submission, ++writer->test);
    char *line = text_line(words), *output = heap_format("%s: %s", verdict_title(verdict), line);
    put_line(test, "name", whole);
    report_json_text(test, "name_format", "text");
    report_json_text(test, "number", number);
    report_json_text(test, "status", verdict == VERDICT_PASSED ? "passed" : "failed");
    report_json_text(test, "output", output);
    report_json_text(test, "output_format", "text");
    report_json_text(test, "visibility", hidden ? "after_published" : "visible");
    cJSON_AddItemToArray(writer->tests, test);
    free(output);
    free(line);
    free(number);
    free(whole);
    free(words);
    return test;
}

static char *words_of_case(const struct result_case *c) {
    char *cause = c->verdict != VERDICT_PASSED ? cause_of_case(c) : heap_format("%s", verdict_sentence(c->verdict));
    if (c->hidden || c->catches[0] == '\0')
        return cause;
    char *text = heap_format("%s (this case catches: %s)", cause, c->catches);
    free(cause);
    return text;
}

static char *words_of_timing(const struct result_timing *t) {
    char ratio[FORMAT_SIZE], needed[FORMAT_SIZE];
    if (t->verdict != VERDICT_PASSED)
        return cause_of_timing(t);
    return heap_format("%s the speed of the reference, %s needed", format_ratio(ratio, t->ratio),
                       format_ratio(needed, t->ratio_needed));
}

static void put_cases(struct writer *writer, const struct result *r) {
    for (size_t i = 0; i < r->case_count; i++) {
        const struct result_case *c = &r->cases[i];
        char *name = c->hidden ? heap_format("%s", c->name) : heap_format("case %s", c->name);
        put_test(writer, name, c->verdict, c->hidden, words_of_case(c));
        free(name);
    }
    for (size_t i = 0; i < r->timing_count; i++) {
        const struct result_timing *t = &r->timing[i];
        char *name = heap_format("speed: %s", t->name);
        put_test(writer, name, t->verdict, t->hidden, words_of_timing(t));
        free(name);
    }
}

static void put_gates(struct writer *writer, const struct result *r) {
    for (size_t i = 0; i < r->gate_count; i++) {
        const struct result_gate *gate = &r->gate[i];
        bool passed = gate->cases > 0 && gate->passed == gate->cases;
        char *name = heap_format("gate %s", gate->name);
        cJSON *test = put_test(
            writer, name, passed ? VERDICT_PASSED : VERDICT_WRONG_ANSWER, false,
            heap_format("%lld of %lld cases: %s", (long long)gate->passed, (long long)gate->cases, gate->title));
        report_json_number(test, "score", export_points(gate->points));
        report_json_number(test, "max_score", export_points(gate->max_points));
        free(name);
    }
}

/* One line on top for each submission: the verdict, the points, what decided. */
static char *words_of_result(const struct result *r) {
    const struct cause_count count = cause_count_cases(r);
    char *cause = cause_of_result(r), *line = text_line(cause), *id = text_line(r->challenge);
    char *text = heap_format("%s: %s, %.4g of %.4g points; %zu of %zu cases passed, %zu of %zu hidden ones\n%s\n",
                             id[0] != '\0' ? id : "harness", verdict_title(r->verdict), export_points(r->points),
                             export_points(r->max_points), count.passed, count.total, count.hidden_passed,
                             count.hidden_total, line);
    free(id);
    free(line);
    free(cause);
    return text;
}

static void put_leaderboard(cJSON *root, const struct export_item *item, size_t count) {
    cJSON *board = cJSON_AddArrayToObject(root, "leaderboard");
    for (size_t i = 0; i < count; i++) {
        const struct result *r = item[i].result;
        if (r->verdict != VERDICT_PASSED || !(r->ratio > 0) || isinf(r->ratio))
            continue;
        cJSON *row = cJSON_CreateObject();
        char *name = count > 1 ? heap_format("speedup %s", r->challenge) : heap_format("speedup");
        put_line(row, "name", name);
        report_json_number(row, "value", r->ratio);
        cJSON_AddItemToArray(board, row);
        free(name);
    }
}

/* For the staff, who can export it: Gradescope shows it to nobody. */
static void put_extra(cJSON *root, const struct export_item *item, size_t count) {
    cJSON *extra = cJSON_AddObjectToObject(root, "extra_data");
    cJSON *list = cJSON_AddArrayToObject(extra, "results");
    for (size_t i = 0; i < count; i++) {
        const struct result *r = item[i].result;
        const char letter[] = {r->level, '\0'};
        cJSON *one = cJSON_CreateObject();
        put_line(one, "file", r->file);
        put_line(one, "challenge", r->challenge);
        put_line(one, "challenge_version", r->challenge_version);
        put_line(one, "sha256", r->sha256);
        report_json_text(one, "verdict", verdict_code(r->verdict));
        put_line(one, "cpu", r->cpu);
        report_json_text(one, "sandbox", letter);
        cJSON_AddItemToArray(list, one);
    }
}

static void put_tests(cJSON *tests, const struct export_item *item, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct result *r = item[i].result;
        char *before = count > 1 ? heap_format("%s: ", r->challenge) : heap_format("%s", "");
        struct writer writer = {.tests = tests, .submission = i + 1, .before = before};
        cJSON *whole = put_test(&writer, "all", r->verdict, false, cause_of_result(r));
        report_json_number(whole, "score", export_points(r->points));
        report_json_number(whole, "max_score", export_points(r->max_points));
        if (r->built)
            put_test(&writer, "build", r->build_verdict, false,
                     r->build_verdict == VERDICT_PASSED ? heap_format("%s %s", r->compiler, r->flags)
                                                        : cause_of_build(r));
        put_gates(&writer, r);
        put_cases(&writer, r);
        free(before);
    }
}

/* What the machine or the challenge is at fault for must not become a mark of 0. Without any score Gradescope says that
 * the autograder failed, and the staff can run it again. */
static void take_scores_away(cJSON *root) {
    cJSON *test;
    cJSON_DeleteItemFromObject(root, "score");
    cJSON_ArrayForEach(test, cJSON_GetObjectItem(root, "tests")) {
        cJSON_DeleteItemFromObject(test, "score");
        cJSON_DeleteItemFromObject(test, "max_score");
    }
}

char *export_gradescope(const struct export_item *item, size_t count) {
    const struct export_total total = export_add_up(item, count);
    struct heap_text words;
    double seconds = 0;
    heap_text_open(&words);
    for (size_t i = 0; i < count; i++) {
        char *text = words_of_result(item[i].result);
        fputs(text, words.stream);
        free(text);
        seconds += item[i].result->wall_ns > 0 ? (double)item[i].result->wall_ns / 1e9 : 0;
    }
    char *output = heap_text_take(&words, NULL);
    cJSON *root = cJSON_CreateObject();
    report_json_number(root, "score", total.points);
    report_json_number(root, "execution_time", seconds);
    report_json_text(root, "output", output);
    report_json_text(root, "output_format", "text");
    report_json_text(root, "test_output_format", "text");
    report_json_text(root, "test_name_format", "text");
    report_json_text(root, "visibility", "visible");
    report_json_text(root, "stdout_visibility", "hidden");
    put_tests(cJSON_AddArrayToObject(root, "tests"), item, count);
    put_leaderboard(root, item, count);
    put_extra(root, item, count);
    if (!total.judged)
        take_scores_away(root);
    free(output);
    return export_json(root);
}
