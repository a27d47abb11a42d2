/* SPDX-License-Identifier: MIT */
/* See result.h. The shape is checked first, so that everything below may take what it reads for granted. */
#include "harness/result/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/heap.h"
#include "harness/result/result_shape.h"

/* The members of an object, which may be NULL. What is not there is "", 0, false or NaN. */
static const cJSON *member(const cJSON *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const char *text_of(const cJSON *object, const char *key) {
    const char *text = cJSON_GetStringValue(member(object, key));
    return text != NULL ? text : "";
}

double result_number(const cJSON *node) {
    const char *word = cJSON_GetStringValue(node);
    if (word != NULL)
        return strcmp(word, "inf") == 0 ? INFINITY : strcmp(word, "-inf") == 0 ? -INFINITY : NAN;
    return cJSON_IsNumber(node) ? node->valuedouble : NAN;
}

int64_t result_integer(const cJSON *node) {
    const char *digits = cJSON_GetStringValue(node);
    if (digits != NULL)
        return strtoll(digits, NULL, 10);
    if (!cJSON_IsNumber(node))
        return 0;
    if (fabs(node->valuedouble) >= 0x1p63) /* such an index is nonsense, and no reason to crash */
        return node->valuedouble > 0 ? INT64_MAX : INT64_MIN;
    return (int64_t)node->valuedouble;
}

static double number_of(const cJSON *object, const char *key) {
    return result_number(member(object, key));
}

static int64_t integer_of(const cJSON *object, const char *key) {
    return result_integer(member(object, key));
}

static enum verdict verdict_of(const cJSON *object, const char *key) {
    return verdict_from_code(text_of(object, key));
}

static void *room_for(const cJSON *list, size_t size, size_t *count) {
    *count = (size_t)cJSON_GetArraySize(list);
    return heap_zeroed(*count, size);
}

static void read_build(const cJSON *build, struct result *result) {
    const cJSON *list = member(build, "diagnostics"), *node;
    result->built = cJSON_IsObject(build);
    result->build_verdict = result->built ? verdict_of(build, "verdict") : VERDICT_SKIPPED;
    result->build_detail = text_of(build, "detail");
    result->compiler = text_of(build, "compiler");
    result->flags = text_of(build, "flags");
    result->build_ns = integer_of(build, "wall_ns");
    result->diagnostic = room_for(list, sizeof result->diagnostic[0], &result->diagnostic_count);
    struct result_diagnostic *at = result->diagnostic;
    cJSON_ArrayForEach(node, list) {
        *at++ = (struct result_diagnostic){.kind = text_of(node, "kind"),
                                           .message = text_of(node, "message"),
                                           .file = text_of(node, "file"),
                                           .line = integer_of(node, "line"),
                                           .column = integer_of(node, "column")};
    }
}

static void read_cases(const cJSON *list, struct result *result) {
    const cJSON *node;
    result->cases = room_for(list, sizeof result->cases[0], &result->case_count);
    struct result_case *at = result->cases;
    cJSON_ArrayForEach(node, list) {
        *at++ = (struct result_case){.name = text_of(node, "name"),
                                     .number = integer_of(node, "number"),
                                     .hidden = cJSON_IsTrue(member(node, "hidden")),
                                     .verdict = verdict_of(node, "verdict"),
                                     .place = text_of(node, "place"),
                                     .sizes = text_of(node, "sizes"),
                                     .catches = text_of(node, "catches"),
                                     .detail = text_of(node, "detail"),
                                     .gate = text_of(node, "gate"),
                                     .wall_ns = integer_of(node, "wall_ns"),
                                     .used = number_of(node, "used"),
                                     .document = node};
    }
}

static void read_timing(const cJSON *list, struct result *result) {
    const cJSON *node;
    result->timing = room_for(list, sizeof result->timing[0], &result->timing_count);
    struct result_timing *at = result->timing;
    cJSON_ArrayForEach(node, list) {
        *at++ = (struct result_timing){.name = text_of(node, "name"),
                                       .sizes = text_of(node, "sizes"),
                                       .detail = text_of(node, "detail"),
                                       .hidden = cJSON_IsTrue(member(node, "hidden")),
                                       .verdict = verdict_of(node, "verdict"),
                                       .ratio = number_of(node, "ratio"),
                                       .low = number_of(node, "low"),
                                       .high = number_of(node, "high"),
                                       .ratio_needed = number_of(node, "ratio_needed"),
                                       .candidate_ns = number_of(node, "candidate_ns"),
                                       .baseline_ns = number_of(node, "baseline_ns"),
                                       .gflops = number_of(node, "gflops"),
                                       .of_roof = number_of(node, "of_roof"),
                                       .samples = integer_of(node, "samples"),
                                       .clean = integer_of(node, "clean"),
                                       .threads = integer_of(node, "threads")};
    }
}

static void read_gates(const cJSON *list, struct result *result) {
    const cJSON *node;
    result->gate = room_for(list, sizeof result->gate[0], &result->gate_count);
    struct result_gate *at = result->gate;
    cJSON_ArrayForEach(node, list) {
        *at++ = (struct result_gate){.name = text_of(node, "name"),
                                     .title = text_of(node, "title"),
                                     .cases = integer_of(node, "cases"),
                                     .passed = integer_of(node, "passed"),
                                     .points = number_of(node, "points"),
                                     .max_points = number_of(node, "max_points")};
    }
}

static void read_machine(const cJSON *machine, struct result *result) {
    const char *level = text_of(member(machine, "sandbox"), "level");
    result->cpu = text_of(machine, "cpu");
    result->vector = text_of(machine, "vector");
    result->kernel = text_of(machine, "kernel");
    result->cores = integer_of(machine, "cores");
    result->level = level[0] != '\0' ? level[0] : '-';
}

/* NaN as soon as one of them is no positive number. */
static double mean_of_ends(const struct result *result, bool high) {
    double sum = 0;
    for (size_t i = 0; i < result->timing_count; i++) {
        double end = high ? result->timing[i].high : result->timing[i].low;
        sum += end > 0 ? log(end) : NAN;
    }
    return exp(sum / (double)result->timing_count);
}

static void read_result(const cJSON *root, struct result *result) {
    const cJSON *submission = member(root, "submission");
    result->file = text_of(submission, "file");
    result->sha256 = text_of(submission, "sha256");
    result->challenge = text_of(submission, "challenge");
    result->challenge_version = text_of(submission, "challenge_version");
    result->seed = cJSON_GetStringValue(member(root, "seed"));
    read_machine(member(root, "machine"), result);
    read_build(member(root, "build"), result);
    read_cases(member(root, "cases"), result);
    read_timing(member(root, "timing"), result);
    read_gates(member(root, "gates"), result);
    result->ratio = number_of(root, "ratio");
    result->ratio_low = isnan(result->ratio) ? NAN : mean_of_ends(result, false);
    result->ratio_high = isnan(result->ratio) ? NAN : mean_of_ends(result, true);
    result->points = number_of(root, "points");
    result->max_points = number_of(root, "max_points");
    result->verdict = verdict_of(root, "verdict");
    result->detail = text_of(root, "detail");
    result->exit = (int)integer_of(root, "exit");
    result->wall_ns = integer_of(root, "wall_ns");
}

/* What no table of keys can say. */
static int check_sense(const struct json_place *root, struct error *err) {
    enum { EXIT_MOST = 4 };
    struct json_place code = json_member(root, "exit");
    if (code.node->valuedouble < 0 || code.node->valuedouble > EXIT_MOST)
        return json_error(&code, err, "must be an exit code from 0 to %d.", EXIT_MOST);
    return 0;
}

int result_of_json(cJSON *document, const char *origin, struct result *result, struct error *err) {
    char *path = heap_format("%s", origin);
    const struct json_file file = {.path = path, .owner = ERROR_USER, .root = document};
    struct json_place root = json_root(&file);
    int status = 0;
    *result = (struct result){0};
    if (!cJSON_IsObject(document))
        status = json_error(&root, err, "must be an object, as `harness run --json` writes it.");
    else if (shape_check(&root, &SHAPE_RESULT, err) != 0 || check_sense(&root, err) != 0)
        status = -1;
    free(path);
    if (status != 0) {
        cJSON_Delete(document);
        return -1;
    }
    result->document = document;
    read_result(document, result);
    return 0;
}

int result_of_text(const char *text, size_t size, const char *origin, struct result *result, struct error *err) {
    struct json_file file;
    *result = (struct result){0};
    if (json_parse(origin, ERROR_USER, text, size, &file, err) != 0)
        return -1;
    cJSON *root = file.root;
    file.root = NULL;
    json_release(&file);
    return result_of_json(root, origin, result, err);
}

void result_release(struct result *result) {
    free(result->diagnostic);
    free(result->cases);
    free(result->timing);
    free(result->gate);
    free(result->texts);
    cJSON_Delete(result->document);
    *result = (struct result){0};
}
