/* SPDX-License-Identifier: MIT */
/* See record.h. A file is read strictly: what was not written by record_text() is no result. */
#include "harness/result/record.h"

#include <stdlib.h>
#include <string.h>

#include "grader/json.h"
#include "grader/scratch.h"
#include "harness/heap.h"
#include "harness/report_json_part.h"
#include "harness/result/sign.h"
#include "harness/text_escape.h"

enum { RECORD_BYTES_MAX = 64 << 20 };

#define RESULT_MEMBER ",\"result\":"
#define SCHEMA        "harness-task/1"

char *record_path(const char *results, const char *task) {
    char *path = heap_format("%s/results/%s.json", results, task);
    for (char *at = path + strlen(results) + strlen("/results/"); *at != '\0'; at++)
        if (*at == '/')
            *at = '~';
    return path;
}

static const char *const RECORD_SCHEMA[] = {SCHEMA, NULL};

static const struct json_key HEAD_KEY[] = {
    {.name = "schema", .type = JSON_TEXT, .required = true, .words = RECORD_SCHEMA},
    {.name = "run", .type = JSON_TEXT, .required = true},
    {.name = "task", .type = JSON_TEXT, .required = true},
    {.name = "person", .type = JSON_TEXT, .required = true},
    {.name = "inputs", .type = JSON_TEXT, .required = true},
    {.name = "shard", .type = JSON_TEXT, .required = true},
    {.name = "attempt", .type = JSON_OBJECT, .required = true},
    {.name = "result", .type = JSON_OBJECT, .required = true},
    {.name = "signature", .type = JSON_OBJECT},
};
static const struct json_table HEAD = {"a result file", HEAD_KEY, sizeof HEAD_KEY / sizeof HEAD_KEY[0]};

static const struct json_key ATTEMPT_KEY[] = {
    {.name = "host", .type = JSON_TEXT, .required = true},
    {.name = "started", .type = JSON_TEXT, .required = true},
    {.name = "finished", .type = JSON_TEXT, .required = true},
    {.name = "pid", .type = JSON_WHOLE, .required = true},
    {.name = "job", .type = JSON_TEXT, .required = true},
    {.name = "restart", .type = JSON_WHOLE, .required = true},
    {.name = "try", .type = JSON_WHOLE, .required = true},
};
static const struct json_table ATTEMPT = {"an attempt", ATTEMPT_KEY, sizeof ATTEMPT_KEY / sizeof ATTEMPT_KEY[0]};

static void read_attempt(const struct json_place *place, struct record_attempt *attempt) {
    *attempt = (struct record_attempt){.host = json_text(place, "host", ""),
                                       .job = json_text(place, "job", ""),
                                       .pid = (int64_t)json_number(place, "pid", 0),
                                       .restart = (int64_t)json_number(place, "restart", 0),
                                       .number = (int64_t)json_number(place, "try", 0),
                                       .started = json_text(place, "started", ""),
                                       .finished = json_text(place, "finished", "")};
}

static int check_signature(const char *path, struct record *record, const struct json_place *root, struct error *err) {
    char by[SIGN_KEY_TEXT];
    const enum sign_state state = sign_check(record->text, record->size, NULL, by);
    const struct json_place signature = json_member(root, "signature"), key = json_member(&signature, "key");
    record->key = "";
    if (state == SIGN_FORGED || (state == SIGN_NONE && signature.node != NULL))
        return error_set(err, ERROR_USER,
                         "%s was changed after it had been signed; get the file again from where it was made.", path);
    if (state == SIGN_GOOD)
        record->key = cJSON_GetStringValue(key.node) != NULL ? cJSON_GetStringValue(key.node) : "";
    return 0;
}

/* The result's own bytes: its numbers have more digits than a document can be printed with. In the head every quote of
 * a string is escaped, so the first place that looks like the member is the member. */
static int find_result(const char *path, struct record *record, struct error *err) {
    char *at = strstr(record->text, RESULT_MEMBER);
    const char *end = record->text + record->size;
    while (end > record->text && (end[-1] == '\n' || end[-1] == ' '))
        end--;
    if (at == NULL || memchr(record->text, '\n', (size_t)(end - record->text)) != NULL)
        return error_set(err, ERROR_USER,
                         "%s is not in the one-line form that `harness grade' writes; get the file again from where it "
                         "was made.",
                         path);
    record->result_text = at + strlen(RESULT_MEMBER);
    end--; /* the brace of the whole */
    if (record->key[0] != '\0') {
        const char *member = NULL, *from = record->result_text;
        for (const char *next; (next = strstr(from, ",\"signature\":{")) != NULL; from = next + 1)
            member = next;
        end = member != NULL ? member : end;
    }
    record->result_size = (size_t)(end - record->result_text);
    return 0;
}

static int read_head(const char *path, const struct json_file *file, struct record *record, struct error *err) {
    const struct json_place root = json_root(file);
    if (json_check(&root, &HEAD, err) != 0)
        return -1;
    const struct json_place attempt = json_member(&root, "attempt");
    if (json_check(&attempt, &ATTEMPT, err) != 0 || check_signature(path, record, &root, err) != 0)
        return -1;
    record->run = json_text(&root, "run", "");
    record->task = json_text(&root, "task", "");
    record->person = json_text(&root, "person", "");
    record->inputs = json_text(&root, "inputs", "");
    record->shard = json_text(&root, "shard", "");
    read_attempt(&attempt, &record->attempt);
    return find_result(path, record, err);
}

int record_read(const char *path, struct record *record, struct error *err) {
    struct json_file file;
    *record = (struct record){0};
    if (scratch_read_unlinked(path, RECORD_BYTES_MAX, &record->text, &record->size, err) != 0)
        return -1;
    if (json_parse(path, ERROR_USER, record->text, record->size, &file, err) != 0) {
        record_release(record);
        return -1;
    }
    record->document = file.root;
    int status = read_head(path, &file, record, err);
    file.root = NULL;
    json_release(&file);
    if (status == 0) {
        cJSON *result = cJSON_DetachItemFromObjectCaseSensitive(record->document, "result");
        status = result_of_json(result, path, &record->result, err);
        if (status != 0)
            record->result = (struct result){0};
    }
    if (status != 0)
        record_release(record);
    return status;
}

void record_release(struct record *record) {
    result_release(&record->result);
    cJSON_Delete(record->document);
    free(record->text);
    *record = (struct record){0};
}

static void put_attempt(cJSON *root, const struct record_attempt *attempt) {
    cJSON *object = cJSON_AddObjectToObject(root, "attempt");
    report_json_text(object, "host", attempt->host);
    report_json_text(object, "started", attempt->started);
    report_json_text(object, "finished", attempt->finished);
    report_json_integer(object, "pid", attempt->pid);
    report_json_text(object, "job", attempt->job);
    report_json_integer(object, "restart", attempt->restart);
    report_json_integer(object, "try", attempt->number);
}

char *record_text(const struct record_head *head, const char *result_text) {
    cJSON *root = cJSON_CreateObject();
    report_json_text(root, "schema", SCHEMA);
    report_json_text(root, "run", head->run);
    report_json_text(root, "task", head->task);
    report_json_text(root, "person", head->person);
    report_json_text(root, "inputs", head->inputs);
    report_json_text(root, "shard", head->shard);
    put_attempt(root, &head->attempt);
    char *outer = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    char *safe = text_json(heap_format("%s", outer != NULL ? outer : "{}"));
    cJSON_free(outer);
    char *inner = heap_copy(result_text, strlen(result_text));
    cJSON_Minify(inner);
    char *text = heap_format("%.*s" RESULT_MEMBER "%s}\n", (int)(strlen(safe) - 1), safe, inner);
    free(inner);
    free(safe);
    return text;
}
