/* SPDX-License-Identifier: MIT */
/* What the store asks of a database. Two drivers answer: store_sqlite.c and store_postgresql.c. The SQL above them is
 * the common subset of both: parameters are $1, $2 ..., and the few words that differ stand in struct store_driver. */
#ifndef HARNESS_STORE_DRIVER_H
#define HARNESS_STORE_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grader/error.h"
#include "harness/store/store.h"

enum store_kind { STORE_INTEGER, STORE_REAL, STORE_TEXT };

/* A parameter or a column. NULL is a text that is NULL or a real that is NaN, in both directions; a column that is NULL
 * is all of that and the integer 0. Texts may hold anything: the drivers make valid UTF-8 of them. */
struct store_value {
    enum store_kind kind;
    int64_t integer;
    double real;
    const char *text;
};

#define STORE_I(value) ((struct store_value){.kind = STORE_INTEGER, .integer = (value)})
#define STORE_R(value) ((struct store_value){.kind = STORE_REAL, .real = (value)})
#define STORE_T(value) ((struct store_value){.kind = STORE_TEXT, .text = (value)})

/* A non-zero return ends the walk, which is no error. */
typedef int store_row_seen(void *context, const struct store_value *column, size_t count);

struct store_driver {
    const char *begin;         /* a transaction that will write */
    const char *begin_upgrade; /* one that nobody else's upgrade runs beside */
    const char *number;        /* the type of a column that numbers its rows from 1 */
    const char *integer, *real;
    const char *strict; /* behind the closing brace of a table */

    /* One statement. `row` may be NULL. */
    int (*run)(struct store *store, const char *sql, const struct store_value *value, size_t count, store_row_seen *row,
               void *context, struct error *err);
    int (*script)(struct store *store, const char *sql, struct error *err);   /* several statements, no parameters */
    int (*version)(struct store *store, int64_t *version, struct error *err); /* 0: there is nothing yet */
    int (*set_version)(struct store *store, int64_t version, struct error *err);
    bool (*lost)(struct store *store); /* the connection has gone; NULL where there is none */
    int (*connect_again)(struct store *store, struct error *err);
    void (*close)(struct store *store);
};

struct store {
    const struct store_driver *driver;
    char *place;  /* as sentences name it; never with a password */
    void *handle; /* sqlite3 *, or the driver's own */
};

/* Each leaves in `store` what its driver's close() takes away, also on failure. */
int store_sqlite_open(struct store *store, bool create, struct error *err);
int store_postgresql_open(struct store *store, struct error *err);

/* A statement on its own, begun again once when the connection was lost. */
int store_run(struct store *store, const char *sql, const struct store_value *value, size_t count, store_row_seen *row,
              void *context, struct error *err);

/* All of `body` or nothing; begun again once when the connection was lost, so doing it twice must be harmless. */
int store_transaction(struct store *store, int (*body)(struct store *store, void *context, struct error *err),
                      void *context, struct error *err);

#endif
