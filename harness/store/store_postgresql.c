/* SPDX-License-Identifier: MIT */
/* The store on a server, for several hosts that write to one. The tables lie in a schema of their own, `harness`. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/heap.h"
#include "harness/store/store_driver.h"
#include "harness/store/store_libpq.h"
#include "harness/text_escape.h"

enum { VALUES_MAX = 32 };

/* Types of columns and parameters, from the server's catalogue, where they have these numbers for ever. */
enum { TYPE_BOOL = 16, TYPE_INT8 = 20, TYPE_INT4 = 23, TYPE_TEXT = 25, TYPE_FLOAT8 = 701 };

struct server { /* the handle of such a store */
    struct libpq pq;
    PGconn *connection;
};

/* The first line of what the library or the server says, without the blanks around it; the caller frees. */
static char *first_line(const char *words) {
    words += strspn(words, " \n");
    size_t size = strcspn(words, "\n");
    while (size > 0 && (words[size - 1] == ' ' || words[size - 1] == '.'))
        size--;
    return heap_copy(size > 0 ? words : "no reason given", size > 0 ? size : strlen("no reason given"));
}

static int fail_to_connect(struct store *store, const char *what, struct error *err) {
    struct server *server = store->handle;
    const struct libpq *pq = &server->pq;
    char *words = first_line(pq->PQerrorMessage(server->connection));
    int status = error_set(err, ERROR_HARNESS,
                           "%s the store '%s': %s; see that the server runs and lets you in (the password comes from "
                           "PGPASSFILE, ~/.pgpass or PGPASSWORD).",
                           what, store->place, words);
    free(words);
    return status;
}

static bool lost(struct store *store) {
    struct server *server = store->handle;
    const struct libpq *pq = &server->pq;
    return pq->PQstatus(server->connection) != CONNECTION_OK;
}

static int fail(struct store *store, const PGresult *result, struct error *err) {
    struct server *server = store->handle;
    const struct libpq *pq = &server->pq;
    if (lost(store))
        return fail_to_connect(store, "lost the connection to", err);
    const char *primary = pq->PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    char *words = first_line(primary != NULL ? primary : pq->PQerrorMessage(server->connection));
    int status = error_set(err, ERROR_HARNESS,
                           "the store '%s' refused: %s; see that you may make and write tables in its schema "
                           "`harness'.",
                           store->place, words);
    free(words);
    return status;
}

static struct store_value column_of(const struct libpq *pq, const PGresult *result, int row, int i) {
    struct store_value value = {.kind = STORE_TEXT, .real = NAN};
    if (pq->PQgetisnull(result, row, i))
        return value;
    const char *text = pq->PQgetvalue(result, row, i);
    switch (pq->PQftype(result, i)) {
    case TYPE_BOOL:
        return STORE_I(text[0] == 't');
    case TYPE_INT8:
    case TYPE_INT4:
        return STORE_I(strtoll(text, NULL, 10));
    case TYPE_FLOAT8:
        return STORE_R(strtod(text, NULL));
    default:
        value.text = text;
        return value;
    }
}

static void walk(const struct libpq *pq, const PGresult *result, store_row_seen *row, void *context) {
    struct store_value column[VALUES_MAX];
    int count = pq->PQnfields(result) < VALUES_MAX ? pq->PQnfields(result) : VALUES_MAX;
    for (int r = 0; r < pq->PQntuples(result); r++) {
        for (int i = 0; i < count; i++)
            column[i] = column_of(pq, result, r, i);
        if (row(context, column, (size_t)count) != 0)
            return;
    }
}

/* What the server reads; NULL for its NULL. The caller frees. */
static char *spell(const struct store_value *value, Oid *type) {
    *type = value->kind == STORE_INTEGER ? TYPE_INT8 : value->kind == STORE_REAL ? TYPE_FLOAT8 : TYPE_TEXT;
    if (value->kind == STORE_INTEGER)
        return heap_format("%" PRId64, value->integer);
    if (value->kind == STORE_REAL)
        return isnan(value->real) ? NULL : heap_format("%.17g", value->real);
    return value->text != NULL ? text_utf8(value->text, strlen(value->text)) : NULL;
}

static int run(struct store *store, const char *sql, const struct store_value *value, size_t count, store_row_seen *row,
               void *context, struct error *err) {
    struct server *server = store->handle;
    const struct libpq *pq = &server->pq;
    char *text[VALUES_MAX];
    Oid type[VALUES_MAX];
    count = count < VALUES_MAX ? count : VALUES_MAX;
    for (size_t i = 0; i < count; i++)
        text[i] = spell(&value[i], &type[i]);
    PGresult *result =
        pq->PQexecParams(server->connection, sql, (int)count, type, (const char *const *)text, NULL, NULL, 0);
    ExecStatusType outcome = pq->PQresultStatus(result);
    int status = outcome == PGRES_COMMAND_OK || outcome == PGRES_TUPLES_OK ? 0 : fail(store, result, err);
    if (status == 0 && row != NULL)
        walk(pq, result, row, context);
    pq->PQclear(result);
    for (size_t i = 0; i < count; i++)
        free(text[i]);
    return status;
}

static int script(struct store *store, const char *sql, struct error *err) {
    struct server *server = store->handle;
    const struct libpq *pq = &server->pq;
    PGresult *result = pq->PQexec(server->connection, sql);
    ExecStatusType outcome = pq->PQresultStatus(result);
    int status = outcome == PGRES_COMMAND_OK || outcome == PGRES_TUPLES_OK ? 0 : fail(store, result, err);
    pq->PQclear(result);
    return status;
}

static int take_integer(void *context, const struct store_value *column, size_t count) {
    *(int64_t *)context = count > 0 ? column[0].integer : 0;
    return 1;
}

static int version(struct store *store, int64_t *version, struct error *err) {
    int64_t there = 0;
    *version = 0;
    if (run(store, "SELECT to_regclass('harness.schema_version') IS NOT NULL", NULL, 0, take_integer, &there, err) != 0)
        return -1;
    if (there == 0)
        return 0;
    return run(store, "SELECT version FROM harness.schema_version", NULL, 0, take_integer, version, err);
}

static int set_version(struct store *store, int64_t version, struct error *err) {
    const struct store_value value = STORE_I(version);
    if (script(store,
               "CREATE TABLE IF NOT EXISTS harness.schema_version (\n"
               "  only_row INTEGER PRIMARY KEY CHECK (only_row = 1), version BIGINT NOT NULL)",
               err) != 0)
        return -1;
    return run(store,
               "INSERT INTO harness.schema_version (only_row, version) VALUES (1, $1)\n"
               "ON CONFLICT (only_row) DO UPDATE SET version = excluded.version",
               &value, 1, NULL, NULL, err);
}

/* The server's notices ("relation exists, skipping") are for nobody. */
static void ignore(void *context, const PGresult *result) {
    (void)context;
    (void)result;
}

/* Limits keep a server that hangs from holding a grading for ever. */
static int settle(struct store *store, const char *what, struct error *err) {
    struct server *server = store->handle;
    const struct libpq *pq = &server->pq;
    if (pq->PQstatus(server->connection) != CONNECTION_OK)
        return fail_to_connect(store, what, err);
    pq->PQsetNoticeReceiver(server->connection, ignore, NULL);
    return script(store, "SET search_path TO harness; SET statement_timeout TO '60s'; SET DateStyle TO ISO", err);
}

static int connect_again(struct store *store, struct error *err) {
    struct server *server = store->handle;
    const struct libpq *pq = &server->pq;
    pq->PQreset(server->connection);
    return settle(store, "lost the connection to", err);
}

static void close_connection(struct store *store) {
    struct server *server = store->handle;
    const struct libpq *pq = &server->pq;
    pq->PQfinish(server->connection);
    free(server);
    store->handle = NULL;
}

static const struct store_driver POSTGRESQL_DRIVER = {
    .begin = "BEGIN",
    /* The lock goes with the transaction. The number is any; it only has to be the same for every harness. */
    .begin_upgrade = "BEGIN; SELECT pg_advisory_xact_lock(7523094288207671);\n"
                     "DO $$ BEGIN IF to_regnamespace('harness') IS NULL THEN CREATE SCHEMA harness; END IF; END $$",
    .number = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    .integer = "BIGINT",
    .real = "DOUBLE PRECISION",
    .strict = "",
    .run = run,
    .script = script,
    .version = version,
    .set_version = set_version,
    .lost = lost,
    .connect_again = connect_again,
    .close = close_connection,
};

/* Whoever lists the processes of a machine sees its command lines, and a shell keeps them: a password does not belong
 * there, however it is written into the URL. */
static int check_url(const struct libpq *pq, const char *url, struct error *err) {
    char *words = NULL;
    PQconninfoOption *option = pq->PQconninfoParse(url, &words);
    if (option == NULL) {
        char *line = first_line(words != NULL ? words : "");
        error_set(err, ERROR_USER, "the URL of the store cannot be read: %s; it is postgresql://user@host/database.",
                  line);
        free(line);
        pq->PQfreemem(words);
        return -1;
    }
    int status = 0;
    for (const PQconninfoOption *o = option; o->keyword != NULL && status == 0; o++)
        if (strstr(o->keyword, "password") != NULL && o->val != NULL && o->val[0] != '\0')
            status =
                error_set(err, ERROR_USER,
                          "the URL of the store holds a password, which everybody on this machine could read; take "
                          "it out and put it into a file that PGPASSFILE names (host:port:database:user:password, "
                          "mode 0600).");
    pq->PQconninfoFree(option);
    return status;
}

int store_postgresql_open(struct store *store, struct error *err) {
    /* What comes before the URL is overruled by it. */
    const char *const keyword[] = {"connect_timeout", "tcp_user_timeout",          "dbname",
                                   "client_encoding", "fallback_application_name", NULL};
    const char *const value[] = {"10", "60000", store->place, "UTF8", "harness", NULL};
    struct libpq pq;
    store->driver = &POSTGRESQL_DRIVER;
    if (libpq_load(&pq, err) != 0 || check_url(&pq, store->place, err) != 0)
        return -1;
    struct server *server = heap_zeroed(1, sizeof *server);
    server->pq = pq;
    server->connection = pq.PQconnectdbParams(keyword, value, 1);
    store->handle = server;
    return settle(store, "cannot reach", err);
}
