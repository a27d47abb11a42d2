/* SPDX-License-Identifier: MIT */
/* See schema.h. A step that has been published is never changed: what comes later is another step.
 *
 * @number, @integer, @real and @strict stand for the words of the driver. */
#include "harness/store/schema.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/heap.h"

static const char *const STEP[SCHEMA_VERSION] = {
    [0] = "CREATE TABLE machine (\n"
          "  machine_id @number,\n"
          "  host TEXT NOT NULL, cpu TEXT NOT NULL, vector TEXT NOT NULL, kernel TEXT NOT NULL,\n"
          "  cores @integer NOT NULL,\n"
          "  UNIQUE (host, cpu, vector, kernel, cores)\n"
          ")@strict;\n"
          "CREATE TABLE run (\n"
          "  run_id @number,\n"
          "  name TEXT NOT NULL UNIQUE, command TEXT NOT NULL, seed_reference TEXT NOT NULL, started TEXT NOT NULL\n"
          ")@strict;\n"
          "CREATE TABLE result (\n"
          "  number @number,\n"
          "  run_id @integer NOT NULL REFERENCES run (run_id),\n"
          "  machine_id @integer NOT NULL REFERENCES machine (machine_id),\n"
          "  task TEXT NOT NULL, person TEXT NOT NULL, shard TEXT NOT NULL, started TEXT NOT NULL,\n"
          "  file TEXT NOT NULL, sha256 TEXT NOT NULL, challenge TEXT NOT NULL, challenge_version TEXT NOT NULL,\n"
          "  level TEXT NOT NULL, compiler TEXT NOT NULL, flags TEXT NOT NULL,\n"
          "  verdict TEXT NOT NULL, points @real, max_points @real,\n"
          "  ratio @real, ratio_low @real, ratio_high @real, timed TEXT NOT NULL,\n"
          "  wall_ns @integer NOT NULL, exit_code @integer NOT NULL, document TEXT NOT NULL,\n"
          "  UNIQUE (run_id, task)\n"
          ")@strict;\n"
          "CREATE TABLE case_result (\n"
          "  number @integer NOT NULL REFERENCES result (number) ON DELETE CASCADE,\n"
          "  place @integer NOT NULL,\n"
          "  name TEXT NOT NULL, case_number @integer NOT NULL, hidden @integer NOT NULL, verdict TEXT NOT NULL,\n"
          "  gate TEXT NOT NULL, sizes TEXT NOT NULL, detail TEXT NOT NULL, wall_ns @integer NOT NULL, used @real,\n"
          "  PRIMARY KEY (number, place)\n"
          ")@strict;\n"
          "CREATE TABLE timing_result (\n"
          "  number @integer NOT NULL REFERENCES result (number) ON DELETE CASCADE,\n"
          "  place @integer NOT NULL,\n"
          "  name TEXT NOT NULL, hidden @integer NOT NULL, verdict TEXT NOT NULL, sizes TEXT NOT NULL,\n"
          "  threads @integer NOT NULL, ratio @real, ratio_low @real, ratio_high @real, ratio_needed @real,\n"
          "  candidate_ns @real, baseline_ns @real, gflops @real, of_roof @real,\n"
          "  samples @integer NOT NULL, clean @integer NOT NULL,\n"
          "  PRIMARY KEY (number, place)\n"
          ")@strict;\n",
    [1] = "CREATE INDEX result_of_task ON result (task, challenge, person);\n"
          "CREATE INDEX result_of_challenge ON result (challenge);\n"
          "CREATE INDEX result_of_person ON result (person);\n",
};

/* The caller frees. */
static char *spell(const char *sql, const struct store_driver *driver) {
    const struct {
        const char *mark, *word;
    } WORD[] = {{"@number", driver->number},
                {"@integer", driver->integer},
                {"@real", driver->real},
                {"@strict", driver->strict}};
    struct heap_text into;
    heap_text_open(&into);
    while (*sql != '\0') {
        size_t i = 0, count = sizeof WORD / sizeof WORD[0];
        while (i < count && strncmp(sql, WORD[i].mark, strlen(WORD[i].mark)) != 0)
            i++;
        if (i < count)
            fputs(WORD[i].word, into.stream);
        else
            fputc(*sql, into.stream);
        sql += i < count ? strlen(WORD[i].mark) : 1;
    }
    return heap_text_take(&into, NULL);
}

/* The version is looked at once more inside, because somebody else may have taken the step while we waited. */
static int take_step(struct store *store, int64_t from, struct error *err) {
    int64_t now;
    char *sql = spell(STEP[from], store->driver);
    int status = store->driver->script(store, store->driver->begin_upgrade, err);
    if (status == 0)
        status = store->driver->version(store, &now, err);
    if (status == 0 && now == from) {
        status = store->driver->script(store, sql, err);
        if (status == 0)
            status = store->driver->set_version(store, from + 1, err);
    }
    if (status == 0)
        status = store->driver->script(store, "COMMIT", err);
    if (status != 0)
        store->driver->script(store, "ROLLBACK", NULL);
    free(sql);
    return status;
}

int schema_upgrade(struct store *store, int64_t version, struct error *err) {
    int64_t now;
    if (store->driver->version(store, &now, err) != 0)
        return -1;
    while (now >= 0 && now < version)
        if (take_step(store, now, err) != 0 || store->driver->version(store, &now, err) != 0)
            return -1;
    if (now < 0 || now > SCHEMA_VERSION)
        return error_set(err, ERROR_USER,
                         "the store '%s' was made by a newer harness (its schema is %" PRId64
                         ", and this one knows those up to %d); install that harness or name another store with "
                         "--store.",
                         store->place, now, SCHEMA_VERSION);
    return 0;
}
