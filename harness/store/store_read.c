/* SPDX-License-Identifier: MIT */
/* Rows become results again. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/heap.h"
#include "harness/store/store_driver.h"

/* In the order of take_row(). */
#define COLUMNS                                                                                                        \
    "r.number, r.started, u.name, r.task, r.person, r.file, r.challenge, r.challenge_version, r.sha256, m.host, "      \
    "m.cpu, r.level, m.cores, r.verdict, r.points, r.max_points, r.ratio, r.ratio_low, r.ratio_high, u.command, "      \
    "u.seed_reference, r.shard, m.kernel"
#define TABLES "result r JOIN run u ON u.run_id = r.run_id JOIN machine m ON m.machine_id = r.machine_id"
enum { COLUMN_COUNT = 23 };

static char *own(const struct store_value *value) {
    return heap_format("%s", value->text != NULL ? value->text : "");
}

static void take_row(const struct store_value *column, struct store_row *row) {
    const char *level = column[11].text;
    *row = (struct store_row){.number = column[0].integer,
                              .started = own(&column[1]),
                              .run = own(&column[2]),
                              .task = own(&column[3]),
                              .person = own(&column[4]),
                              .file = own(&column[5]),
                              .challenge = own(&column[6]),
                              .version = own(&column[7]),
                              .sha256 = own(&column[8]),
                              .host = own(&column[9]),
                              .cpu = own(&column[10]),
                              .level = level != NULL && level[0] != '\0' ? level[0] : '-',
                              .cores = column[12].integer,
                              .verdict = verdict_from_code(column[13].text != NULL ? column[13].text : ""),
                              .points = column[14].real,
                              .max_points = column[15].real,
                              .ratio = column[16].real,
                              .ratio_low = column[17].real,
                              .ratio_high = column[18].real,
                              .command = own(&column[19]),
                              .seed_reference = own(&column[20]),
                              .shard = own(&column[21]),
                              .kernel = own(&column[22])};
    if (row->verdict == VERDICT_COUNT) /* of a harness that knows more of them */
        row->verdict = VERDICT_HARNESS_ERROR;
}

void store_row_release(struct store_row *row) {
    char *const text[] = {row->started, row->run,    row->task, row->person, row->file,    row->challenge,
                          row->version, row->sha256, row->host, row->cpu,    row->command, row->seed_reference,
                          row->shard,   row->kernel};
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
        free(text[i]);
    *row = (struct store_row){0};
}

struct walk {
    int (*row)(void *context, const struct store_row *row);
    void *context;
};

static int see_row(void *context, const struct store_value *column, size_t count) {
    const struct walk *walk = context;
    struct store_row row;
    if (count < COLUMN_COUNT)
        return 1;
    take_row(column, &row);
    int stop = walk->row(walk->context, &row);
    store_row_release(&row);
    return stop;
}

int store_each(struct store *store, const struct store_query *query,
               int (*row)(void *context, const struct store_row *row), void *context, struct error *err) {
    struct walk walk = {row, context};
    const struct store_value value[] = {STORE_T(query->challenge), STORE_T(query->person), STORE_T(query->file),
                                        STORE_I(query->before > 0 ? query->before : INT64_MAX),
                                        STORE_I(query->most > 0 ? (int64_t)query->most : INT64_MAX)};
    return store_run(store,
                     "SELECT " COLUMNS " FROM " TABLES "\n"
                     "WHERE ($1 IS NULL OR r.challenge = $1) AND ($2 IS NULL OR r.person = $2)\n"
                     "  AND ($3 IS NULL OR r.file = $3) AND r.number < $4\n"
                     "ORDER BY r.number DESC LIMIT $5",
                     value, sizeof value / sizeof value[0], see_row, &walk, err);
}

struct found {
    struct store_row *row;
    char *document;
};

static int see_found(void *context, const struct store_value *column, size_t count) {
    struct found *found = context;
    if (count <= COLUMN_COUNT)
        return 1;
    take_row(column, found->row);
    found->document = own(&column[COLUMN_COUNT]);
    return 1;
}

int store_get(struct store *store, int64_t number, struct store_row *row, struct result *result, struct error *err) {
    const struct store_value value = STORE_I(number);
    struct found found = {.row = row};
    *row = (struct store_row){0};
    *result = (struct result){0};
    if (store_run(store, "SELECT " COLUMNS ", r.document FROM " TABLES " WHERE r.number = $1", &value, 1, see_found,
                  &found, err) != 0)
        return -1;
    if (found.document == NULL)
        return 0;
    char *origin = heap_format("%s, run %" PRId64, store->place, number);
    int status = result_of_text(found.document, strlen(found.document), origin, result, err);
    free(origin);
    free(found.document);
    if (status != 0) {
        store_row_release(row);
        return -1;
    }
    return 1;
}
