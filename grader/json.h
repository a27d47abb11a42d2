/* SPDX-License-Identifier: MIT */
/* Strict reading of JSON files, on top of cJSON, which is lenient: it takes bytes behind the document, keeps both of
 * two equal keys, turns 1e999 into infinity, and accepts control characters, bad UTF-8 and "01". Here all of those are
 * errors. A text is scanned first (grader/json_scan.c), then parsed, then walked.
 *
 * What keys an object may have is a table of struct json_key, so that adding a key is adding a row. Every message names
 * the file and the JSON pointer: "challenges/x/challenge.json: /cases/3/tolernace is not a known key of a case; did you
 * mean 'tolerance'?" */
#ifndef GRADER_JSON_H
#define GRADER_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "grader/error.h"

/* cJSON itself recurses up to CJSON_NESTING_LIMIT (1000) levels; the scan refuses a bomb long before. */
enum { JSON_FILE_BYTES_MAX = 1 << 20, JSON_DEPTH_MAX = 32, JSON_POINTER_BYTES = 200 };

struct json_file {
    char *path;             /* as messages show it */
    enum error_owner owner; /* whose turn it is when the file is bad */
    cJSON *root;
};

/* A value and where it stands. Plain data: copy it freely while the file lives. */
struct json_place {
    const struct json_file *file;
    const cJSON *node;                /* NULL when there is no such member */
    char pointer[JSON_POINTER_BYTES]; /* RFC 6901; "" is the top level. Ends in "..." if it had to be cut */
};

enum json_type {
    JSON_TEXT,
    JSON_NUMBER,
    JSON_WHOLE, /* a whole number of magnitude at most 2^53 */
    JSON_FLAG,
    JSON_OBJECT,
    JSON_LIST,
    JSON_FORMULA /* a number or a string */
};

/* What a string has to look like. */
struct json_form {
    bool (*matches)(const char *text);
    const char *description; /* "lower-case letters, digits and '-'" */
};

struct json_key {
    const char *name;
    enum json_type type;
    bool required;
    double low, high;         /* numbers: the value; strings: characters; lists: items. Not checked when both are 0 */
    const char *const *words; /* strings: the allowed ones, ended by NULL; or NULL */
    const struct json_form *form; /* strings; or NULL */
};

struct json_table {
    const char *what; /* "a case": the kind of object, for messages */
    const struct json_key *key;
    size_t count;
};

/* Reads and checks a whole file. On error nothing has to be released. */
int json_read(const char *path, enum error_owner owner, struct json_file *file, struct error *err);

/* The same for a text in memory; `path` is only for messages. */
int json_parse(const char *path, enum error_owner owner, const char *text, size_t length, struct json_file *file,
               struct error *err);

void json_release(struct json_file *file); /* a zeroed struct is fine */

/* NULL when the text is fit for cJSON, else what is wrong at *offset: bad UTF-8, control characters, NUL, a byte order
 * mark, numbers JSON does not allow, a nesting deeper than JSON_DEPTH_MAX. */
const char *json_scan(const char *text, size_t length, size_t *offset);

struct json_place json_root(const struct json_file *file);
struct json_place json_member(const struct json_place *object, const char *key);
struct json_place json_item(const struct json_place *list, const cJSON *node, size_t index);

/* "FILE: POINTER message" with the owner of the file; returns -1. */
int json_error(const struct json_place *at, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The place is an object with all required and only known keys, each of its type, range, words and form. */
int json_check(const struct json_place *at, const struct json_table *table, struct error *err);

/* The place has the type, range, words and form of `key` (its name is not looked at). */
int json_check_value(const struct json_place *at, const struct json_key *key, struct error *err);

/* Which of `count` words the required member `key` of an object holds; its other members are not looked at. */
int json_choice(const struct json_place *object, const char *key, const char *const *words, size_t count, size_t *index,
                struct error *err);

/* Members of an object that json_check has accepted; the fallback stands for a member that is not there. */
const char *json_text(const struct json_place *object, const char *key, const char *fallback);
double json_number(const struct json_place *object, const char *key, double fallback);
bool json_flag(const struct json_place *object, const char *key, bool fallback);

#endif
