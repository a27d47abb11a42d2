/* SPDX-License-Identifier: MIT */
/* See ending.h. */
#include "harness/batch/ending.h"

#include <stdlib.h>
#include <string.h>

#include "harness/command.h"
#include "harness/export/export.h"
#include "harness/heap.h"
#include "harness/outfile.h"
#include "harness/screen.h"
#include "harness/store/keep.h"
#include "harness/store/store.h"
#include "harness/text_escape.h"

enum { FILES = 7 };

static void list_files(const struct options *options, const char *file[FILES]) {
    const char *const all[FILES] = {options->junit,    options->json,       options->csv,         options->points_csv,
                                    options->markdown, options->gradescope, options->code_quality};
    memcpy(file, all, sizeof all);
}

char *ending_files(const struct options *options) {
    const char *file[FILES];
    char *list = heap_format("%s", "");
    list_files(options, file);
    for (int i = 0; i < FILES; i++) {
        if (file[i] == NULL || strcmp(file[i], "-") == 0)
            continue;
        char *longer = heap_format("%s%s%s", list, list[0] != '\0' ? ", " : "", file[i]);
        free(list);
        list = longer;
    }
    return list;
}

static bool wants_exports(const struct options *options) {
    return options->junit != NULL || options->csv != NULL || options->points_csv != NULL || options->markdown != NULL ||
           options->gradescope != NULL || options->code_quality != NULL || options->github || options->classroom;
}

int ending_check(const struct options *options, struct error *err) {
    if (options->json != NULL && outfile_check(options->json, err) != 0)
        return -1;
    return export_check(options, err) == 0 ? keep_check(options, err) : -1;
}

struct json_list {
    FILE *stream;
    bool begun;
};

static int put_json(void *into, struct record *record) {
    struct json_list *list = into;
    fputs(list->begun ? ",\n" : "\n", list->stream);
    list->begun = true;
    fwrite(record->result_text, 1, record->result_size, list->stream);
    return 0;
}

static int write_json(const struct ending *ending) {
    struct outfile out;
    struct error error;
    if (outfile_begin(ending->options->json, &out, &error) != 0)
        return command_fail(&error);
    struct json_list list = {.stream = out.stream};
    fputs("{\"schema\":\"harness-results/1\",\"results\":[", out.stream);
    int status = ending->each(ending->context, put_json, &list, &error);
    fputs("\n]}\n", out.stream);
    struct error other;
    if (outfile_end(&out, status == 0, &other) != 0 && status == 0) {
        error = other;
        status = -1;
    }
    return status != 0 ? command_fail(&error) : 0;
}

struct collection {
    size_t count;
    struct record *record;
};

static int collect(void *into, struct record *record) {
    struct collection *all = into;
    if ((all->count & (all->count - 1)) == 0)
        all->record = heap_resize(all->record, all->count > 0 ? 2 * all->count : 1, sizeof all->record[0]);
    result_trim(&record->result); /* all of them are held at once */
    free(record->text);
    record->text = NULL;
    record->result_text = NULL;
    all->record[all->count++] = *record;
    *record = (struct record){0};
    return 0;
}

static int write_exports(const struct ending *ending) {
    struct collection all = {0};
    struct error error;
    int code = 0;
    if (ending->each(ending->context, collect, &all, &error) != 0) {
        code = command_fail(&error);
    } else {
        struct export_item *item = heap_zeroed(all.count, sizeof item[0]);
        for (size_t i = 0; i < all.count; i++)
            item[i] = (struct export_item){all.record[i].person, all.record[i].task, &all.record[i].result};
        code = export_write(ending->options, item, all.count);
        free(item);
    }
    for (size_t i = 0; i < all.count; i++)
        record_release(&all.record[i]);
    free(all.record);
    return code;
}

struct keeping {
    const struct ending *ending;
    struct store *store;
    struct error *err;
};

static int keep(void *into, struct record *record) {
    struct keeping *keeping = into;
    const struct ending *ending = keeping->ending;
    const struct store_source source = {.run = record->run,
                                        .task = record->task,
                                        .person = record->person,
                                        .shard = record->shard,
                                        .host = record->attempt.host,
                                        .command = ending->command,
                                        .started = record->attempt.started,
                                        .seed_reference = ending->seed_reference};
    int64_t number;
    return store_put(keeping->store, &source, &record->result, &number, keeping->err);
}

/* A store that nobody asked for costs a note when it does not work. */
static int keep_all(const struct ending *ending) {
    struct store *store;
    struct error error;
    int status = store_open(ending->options->store, &store, &error);
    if (status == 0) {
        struct keeping keeping = {ending, store, &error};
        status = ending->each(ending->context, keep, &keeping, &error);
        store_close(store);
    }
    if (status == 0)
        return 0;
    if (ending->options->store != NULL)
        return command_fail(&error);
    char *text = text_escape(error.text, strlen(error.text), screen_is_utf8());
    fprintf(stderr, "harness: not kept: %s\n", text);
    free(text);
    return 0;
}

int ending_write(const struct ending *ending) {
    const struct options *options = ending->options;
    int worst = options->no_store ? 0 : keep_all(ending);
    if (options->json != NULL) {
        const int code = write_json(ending);
        worst = code > worst ? code : worst;
    }
    if (wants_exports(options)) {
        const int code = write_exports(ending);
        worst = code > worst ? code : worst;
    }
    return worst;
}
