/* SPDX-License-Identifier: MIT */
/* The store in one file of the user's. Writers of several processes take turns: each write is one short transaction
 * that waits for the others, and the write-ahead log lets readers go on meanwhile. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "harness/heap.h"
#include "harness/store/store_driver.h"
#include "harness/text_escape.h"

enum {
    PATIENCE_MS = 60000, /* for another writer */
    PAUSE_MS = 20,
    OURS = 0x6861726e /* application_id: "harn" */
};

static int fail(const struct store *store, int code, struct error *err) {
    const char *words = store->handle != NULL ? sqlite3_errmsg(store->handle) : sqlite3_errstr(code);
    switch (code & 0xff) {
    case SQLITE_NOTADB:
        return error_set(err, ERROR_USER,
                         "'%s' is no store of results and was left as it is; name another file with --store.",
                         store->place);
    case SQLITE_CORRUPT:
        return error_set(err, ERROR_USER,
                         "the store '%s' is damaged (%s); move it away or name another file with --store.",
                         store->place, words);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return error_set(err, ERROR_USER,
                         "the store '%s' cannot be written (%s); name another file with --store, or keep nothing "
                         "with --no-store.",
                         store->place, words);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(err, ERROR_HARNESS,
                         "the store '%s' is held by another program for more than %d seconds; end that and try again.",
                         store->place, PATIENCE_MS / 1000);
    case SQLITE_FULL:
    case SQLITE_IOERR:
        return error_set(err, ERROR_HARNESS,
                         "writing the store '%s' failed (%s); free some space, or name a file on another disk with "
                         "--store.",
                         store->place, words);
    default:
        return error_set(err, ERROR_HARNESS, "the store '%s' failed: %s (code %d); name another file with --store.",
                         store->place, words, code);
    }
}

static int bind(sqlite3_stmt *statement, const struct store_value *value, size_t count) {
    int code = SQLITE_OK;
    for (size_t i = 0; i < count && code == SQLITE_OK; i++) {
        char name[24];
        snprintf(name, sizeof name, "$%zu", i + 1);
        int at = sqlite3_bind_parameter_index(statement, name);
        if (at == 0)
            continue;
        if (value[i].kind == STORE_INTEGER)
            code = sqlite3_bind_int64(statement, at, value[i].integer);
        else if (value[i].kind == STORE_REAL)
            code = sqlite3_bind_double(statement, at, value[i].real); /* NaN becomes NULL */
        else if (value[i].text == NULL)
            code = sqlite3_bind_null(statement, at);
        else
            code = sqlite3_bind_text(statement, at, text_utf8(value[i].text, strlen(value[i].text)), -1, free);
    }
    return code;
}

static struct store_value column_of(sqlite3_stmt *statement, int i) {
    struct store_value value = {.kind = STORE_TEXT, .real = NAN};
    switch (sqlite3_column_type(statement, i)) {
    case SQLITE_INTEGER:
        return STORE_I(sqlite3_column_int64(statement, i));
    case SQLITE_FLOAT:
        return STORE_R(sqlite3_column_double(statement, i));
    case SQLITE_NULL:
        return value;
    default:
        value.text = (const char *)sqlite3_column_text(statement, i);
        return value;
    }
}

static int walk(sqlite3_stmt *statement, store_row_seen *row, void *context) {
    enum { COLUMNS_MAX = 32 };
    struct store_value column[COLUMNS_MAX];
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        int count = sqlite3_column_count(statement);
        for (int i = 0; i < count && i < COLUMNS_MAX; i++)
            column[i] = column_of(statement, i);
        if (row != NULL && row(context, column, (size_t)count) != 0)
            return SQLITE_DONE;
    }
    return code;
}

static int run(struct store *store, const char *sql, const struct store_value *value, size_t count, store_row_seen *row,
               void *context, struct error *err) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->handle, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = bind(statement, value, count);
    if (code == SQLITE_OK)
        code = walk(statement, row, context);
    int status = code == SQLITE_DONE ? 0 : fail(store, code, err);
    sqlite3_finalize(statement);
    return status;
}

static int script(struct store *store, const char *sql, struct error *err) {
    int code = sqlite3_exec(store->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : fail(store, code, err);
}

static int take_integer(void *context, const struct store_value *column, size_t count) {
    *(int64_t *)context = count > 0 ? column[0].integer : 0;
    return 1;
}

static int version(struct store *store, int64_t *version, struct error *err) {
    *version = 0;
    return run(store, "PRAGMA user_version", NULL, 0, take_integer, version, err);
}

static int set_version(struct store *store, int64_t version, struct error *err) {
    char sql[96];
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %" PRId64, OURS, version);
    return script(store, sql, err);
}

static void close_file(struct store *store) {
    sqlite3_close_v2(store->handle);
    store->handle = NULL;
}

static const struct store_driver SQLITE_DRIVER = {
    .begin = "BEGIN IMMEDIATE",
    .begin_upgrade = "BEGIN IMMEDIATE",
    .number = "INTEGER PRIMARY KEY AUTOINCREMENT",
    .integer = "INTEGER",
    .real = "REAL",
    .strict = " STRICT",
    .run = run,
    .script = script,
    .version = version,
    .set_version = set_version,
    .close = close_file,
};

/* 0 or errno. Opening an existing file here and closing it again would drop the locks that another connection of this
 * process has on it, so that one is only looked at. */
static int look(const char *path, bool create, bool *regular, int64_t *bytes) {
    struct stat status;
    if (create) {
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0)
            close(fd);
        else if (errno != EEXIST)
            return errno;
    }
    if (stat(path, &status) != 0)
        return errno;
    *regular = S_ISREG(status.st_mode);
    *bytes = status.st_size;
    return faccessat(AT_FDCWD, path, create ? R_OK | W_OK : R_OK, AT_EACCESS) != 0 ? errno : 0;
}

/* Looks before SQLite does, because SQLite would also open a pipe, and would make a new file readable for everybody. */
static int look_at_file(const struct store *store, bool create, struct error *err) {
    enum { PAGE_LEAST = 512 }; /* of SQLite, which takes a shorter file for an empty one and would overwrite it */
    bool regular = true;
    int64_t bytes = 0;
    int code = look(store->place, create, &regular, &bytes);
    if (code == ENOSPC || code == EDQUOT)
        return error_set(err, ERROR_HARNESS, "cannot make the store '%s': %s; free some space.", store->place,
                         strerror(code));
    if (code != 0)
        return error_set(err, ERROR_USER, "cannot open the store '%s': %s; name %s.", store->place, strerror(code),
                         create ? "a file of yours with --store, or keep nothing with --no-store"
                                : "one that is there with --store");
    if (!regular)
        return error_set(err, ERROR_USER, "'%s' is no regular file; name another store with --store.", store->place);
    return bytes > 0 && bytes < PAGE_LEAST ? fail(store, SQLITE_NOTADB, err) : 0;
}

/* Nothing is written before it is known that the file is ours or empty. */
static int is_ours(struct store *store, struct error *err) {
    int64_t tables = 0, application = 0, now = 0;
    if (run(store, "SELECT count(*) FROM sqlite_master", NULL, 0, take_integer, &tables, err) != 0 ||
        run(store, "PRAGMA application_id", NULL, 0, take_integer, &application, err) != 0 ||
        version(store, &now, err) != 0)
        return -1;
    if (application != OURS && (tables > 0 || application != 0 || now != 0))
        return error_set(err, ERROR_USER,
                         "'%s' is the database of another program and was left as it is; name another file with "
                         "--store.",
                         store->place);
    return 0;
}

/* The log needs memory that all writers share, which file systems of a network do not give. */
static bool is_remote(const char *path) {
    static const uint32_t REMOTE[] = {0x6969, 0x517B, 0xFF534D42, 0xFE534D42, 0x0BD00BD0, 0x65735546, 0x01021997};
    struct statfs where;
    if (statfs(path, &where) != 0)
        return true;
    for (size_t i = 0; i < sizeof REMOTE / sizeof REMOTE[0]; i++)
        if ((uint32_t)where.f_type == REMOTE[i])
            return true;
    return false;
}

static int take_mode(void *context, const struct store_value *column, size_t count) {
    *(bool *)context = count > 0 && column[0].text != NULL && strcmp(column[0].text, "wal") == 0;
    return 1;
}

/* SQLite does not wait by itself when two processes switch at the same moment. */
static int use_log(struct store *store, struct error *err) {
    bool on = false;
    if (is_remote(store->place) || sqlite3_db_readonly(store->handle, "main") == 1)
        return 0;
    if (run(store, "PRAGMA journal_mode", NULL, 0, take_mode, &on, err) != 0)
        return -1;
    for (int waited = 0; !on; waited += PAUSE_MS) {
        int code = sqlite3_exec(store->handle, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if (code == SQLITE_OK)
            return 0;
        if ((code & 0xff) != SQLITE_BUSY || waited >= PATIENCE_MS)
            return fail(store, code, err);
        usleep(PAUSE_MS * 1000);
    }
    return 0;
}

/* A store that may only be read, of a teacher's for example. Its log would need to be written even for that, so it is
 * opened as a file that does not change, which holds as long as there is no log. The caller frees. */
static char *name_to_read(const char *path) {
    struct heap_text into;
    char *log = heap_format("%s-wal", path);
    bool changing = access(log, F_OK) == 0;
    free(log);
    heap_text_open(&into);
    fputs("file:", into.stream);
    for (const char *at = path; *at != '\0'; at++)
        fprintf(into.stream, strchr("%?#", *at) != NULL ? "%%%02X" : "%c", *at);
    fprintf(into.stream, "?mode=ro%s", changing ? "" : "&immutable=1");
    return heap_text_take(&into, NULL);
}

static int open_handle(struct store *store, bool create, struct error *err) {
    bool read_only = !create && faccessat(AT_FDCWD, store->place, W_OK, AT_EACCESS) != 0;
    int flags = SQLITE_OPEN_EXRESCODE | (read_only ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE);
    /* "./" keeps SQLite from taking a name like "file:x" or ":memory:" for more than a name. */
    char *path = heap_format("%s%s", store->place[0] == '/' ? "" : "./", store->place);
    char *name = read_only ? name_to_read(path) : heap_format("%s", path);
    sqlite3 *handle = NULL;
    int code = sqlite3_open_v2(name, &handle, flags, NULL);
    free(name);
    free(path);
    store->handle = handle;
    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(handle, PATIENCE_MS);
    return code == SQLITE_OK ? 0 : fail(store, code, err);
}

int store_sqlite_open(struct store *store, bool create, struct error *err) {
    store->driver = &SQLITE_DRIVER;
    if (look_at_file(store, create, err) != 0 || open_handle(store, create, err) != 0 || is_ours(store, err) != 0 ||
        use_log(store, err) != 0)
        return -1;
    return script(store, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL", err);
}
