/* SPDX-License-Identifier: MIT */
/* See store_sample.h. */
#include "tests/harness/store_sample.h"

#include <check.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct sample SAMPLE = {.file = "work.c",
                              .challenge = "good-scale",
                              .version = "1.0",
                              .verdict = "passed",
                              .cpu = "Test CPU",
                              .level = "B",
                              .timed = "n4096",
                              .cores = 2,
                              .ratio = 2,
                              .half = 1.02,
                              .points = 80};

static char folder[64], place[512];

static void put_timing(FILE *out, const struct sample *s) {
    if (s->timed == NULL)
        return;
    fprintf(
        out,
        "{\"name\":\"%s\",\"hidden\":false,\"verdict\":\"passed\",\"ratio\":%.17g,\"low\":%.17g,\"high\":%.17g,"
        "\"ratio_needed\":1,\"samples\":40,\"clean\":40,\"clock\":\"wall\",\"threads\":1,\"sizes\":\"n=4096\","
        "\"detail\":\"\",\"candidate_ns\":1000,\"baseline_ns\":2000,\"gflops\":8.5,\"gbps\":\"nan\",\"of_roof\":0.5,"
        "\"roof\":\"memory\"}",
        s->timed, s->ratio, s->ratio / s->half, s->ratio * s->half);
}

void sample_result(const struct sample *s, struct result *result) {
    struct error error = {0};
    char *text = NULL, ratio[32] = "null";
    size_t size;
    if (s->timed != NULL)
        snprintf(ratio, sizeof ratio, "%.17g", s->ratio);
    FILE *out = open_memstream(&text, &size);
    fprintf(
        out,
        "{\"schema\":\"harness-result/1\",\"harness\":{\"version\":\"0\"},\"submission\":{\"file\":\"%s\","
        "\"sha256\":\"%064d\",\"challenge\":\"%s\",\"challenge_version\":\"%s\"},\"machine\":{\"cpu\":\"%s\","
        "\"vector\":\"AVX2\",\"cores\":%d,\"kernel\":\"Linux 6\",\"sandbox\":{\"level\":\"%s\",\"active\":\"\","
        "\"missing\":\"\"},\"blas\":{\"core\":\"\",\"config\":\"\"},\"roofs\":null},\"build\":{\"verdict\":\"passed\","
        "\"detail\":\"\",\"compiler\":\"gcc 12\",\"flags\":\"-O3\",\"wall_ns\":1,\"errors\":0,\"warnings\":0,"
        "\"diagnostics\":[]},\"stages\":{\"build_ns\":1,\"correct_ns\":1,\"speed_ns\":1},\"wall_ns\":12345678901,"
        "\"interrupted\":false,\"flushes_denormals\":false,\"ratio\":%s,\"output\":{\"bytes\":0,\"text\":\"\"},"
        "\"seed\":\"42\",\"cases\":[{\"name\":\"seven\",\"number\":1,\"hidden\":false,\"verdict\":\"%s\","
        "\"place\":\"\",\"sizes\":\"n=7\",\"catches\":\"tails\",\"detail\":\"\",\"wall_ns\":5,\"used\":0.25,"
        "\"worst\":null,\"outputs\":[]},{\"name\":\"hidden-1\",\"number\":2,\"hidden\":true,\"verdict\":\"passed\","
        "\"place\":\"\"}],\"gates\":[],\"curves\":[],\"timing\":[",
        s->file, 7, s->challenge, s->version, s->cpu, s->cores, s->level, ratio, s->verdict);
    put_timing(out, s);
    fprintf(out, "],\"verdict\":\"%s\",\"detail\":\"\",\"points\":%.17g,\"max_points\":100,\"exit\":0}", s->verdict,
            s->points);
    fclose(out);
    ck_assert_msg(result_of_text(text, size, "sample", result, &error) == 0, "%s", error.text);
    free(text);
}

bool sample_is_server(void) {
    return getenv("HARNESS_TEST_STORE") != NULL;
}

const char *sample_place(void) {
    return place;
}

void sample_store_new(void) {
    strcpy(folder, "/tmp/harness-store-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    if (!sample_is_server()) {
        snprintf(place, sizeof place, "%s/results.db", folder);
        return;
    }
    snprintf(place, sizeof place, "%s", getenv("HARNESS_TEST_STORE"));
    PGconn *server = PQconnectdb(place);
    PGresult *result = PQexec(server, "SET client_min_messages TO error; DROP SCHEMA IF EXISTS harness CASCADE");
    ck_assert_msg(PQresultStatus(result) == PGRES_COMMAND_OK, "%s", PQerrorMessage(server));
    PQclear(result);
    PQfinish(server);
}

void sample_store_remove(void) {
    static const char *const END[] = {"", "-wal", "-shm", "-journal"};
    char path[600];
    for (size_t i = 0; i < sizeof END / sizeof END[0] && !sample_is_server(); i++) {
        snprintf(path, sizeof path, "%s%s", place, END[i]);
        unlink(path);
    }
    rmdir(folder);
}

struct store *sample_store_open(void) {
    struct store *store = NULL;
    struct error error = {0};
    ck_assert_msg(store_open(place, &store, &error) == 0, "%s", error.text);
    return store;
}

int64_t sample_put(struct store *store, const char *run, const char *task, const struct sample *sample) {
    const struct store_source source = {.run = run,
                                        .task = task,
                                        .person = "gita",
                                        .shard = "1/1",
                                        .host = "lab1",
                                        .command = "grade",
                                        .started = "2026-11-21T19:20:11Z",
                                        .seed_reference = "reference"};
    struct result result;
    struct error error = {0};
    int64_t number = 0;
    sample_result(sample, &result);
    ck_assert_msg(store_put(store, &source, &result, &number, &error) == 0, "%s", error.text);
    result_release(&result);
    return number;
}

static int64_t count_at_server(const char *sql) {
    PGconn *server = PQconnectdb(place);
    PQclear(PQexec(server, "SET search_path TO harness"));
    PGresult *result = PQexec(server, sql);
    ck_assert_msg(PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1, "%s", PQerrorMessage(server));
    int64_t count = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    PQfinish(server);
    return count;
}

int64_t sample_count(const char *sql) {
    sqlite3 *file = NULL;
    sqlite3_stmt *statement = NULL;
    if (sample_is_server())
        return count_at_server(sql);
    ck_assert_int_eq(sqlite3_open_v2(place, &file, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(file, 10000);
    ck_assert_msg(sqlite3_prepare_v2(file, sql, -1, &statement, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(file));
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    int64_t count = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(file);
    return count;
}
