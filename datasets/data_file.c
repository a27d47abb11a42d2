/* SPDX-License-Identifier: MIT */
#include "datasets/data_file.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { ALIGNMENT = 64, VERSION = 1 };

struct file_head {
    char magic[8];
    uint32_t version, fields;
    uint64_t rows, bytes;
};

struct file_field {
    char name[32], type[8];
    uint64_t offset, rank;
    int64_t shape[DATA_FILE_RANK];
};

_Static_assert(sizeof(struct file_head) == 32 && sizeof(struct file_field) == 96, "these are the file's own bytes");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written as they lie in memory");

static uint64_t aligned(uint64_t offset) {
    return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static uint64_t bytes_of(const struct data_field *field, uint64_t rows) {
    uint64_t bytes = rows * field->element_bytes;
    for (size_t i = 0; i < field->rank; i++)
        bytes *= (uint64_t)field->shape[i];
    return bytes;
}

static struct file_field describe(const struct data_field *field, uint64_t offset) {
    struct file_field out = {.offset = offset, .rank = field->rank};
    assert(strlen(field->name) < sizeof out.name && strlen(field->type) < sizeof out.type);
    memcpy(out.name, field->name, strlen(field->name));
    memcpy(out.type, field->type, strlen(field->type));
    for (size_t i = 0; i < field->rank; i++)
        out.shape[i] = field->shape[i];
    return out;
}

/* Zero bytes up to `offset`, then the bytes. */
static int put(FILE *file, uint64_t *at, uint64_t offset, const void *bytes, uint64_t count) {
    static const char zeros[ALIGNMENT];
    size_t gap = (size_t)(offset - *at);
    assert(offset >= *at && gap <= sizeof zeros);
    *at = offset + count;
    return fwrite(zeros, 1, gap, file) == gap && fwrite(bytes, 1, (size_t)count, file) == count ? 0 : -1;
}

static int write_all(FILE *file, uint64_t rows, const struct data_field *field, size_t fields) {
    struct file_head head = {"HARNDATA", VERSION, (uint32_t)fields, rows, 0};
    struct file_field table[DATA_FILE_FIELDS];
    uint64_t end = sizeof head + fields * sizeof table[0], at = 0;
    for (size_t f = 0; f < fields; f++) {
        table[f] = describe(&field[f], aligned(end));
        end = table[f].offset + bytes_of(&field[f], rows);
    }
    head.bytes = end;
    if (put(file, &at, 0, &head, sizeof head) != 0 || put(file, &at, at, table, fields * sizeof table[0]) != 0)
        return -1;
    for (size_t f = 0; f < fields; f++)
        if (put(file, &at, table[f].offset, field[f].data, bytes_of(&field[f], rows)) != 0)
            return -1;
    return 0;
}

int data_file_write(const char *path, uint64_t rows, const struct data_field *field, size_t fields) {
    assert(fields <= DATA_FILE_FIELDS);
    FILE *file = fopen(path, "wb");
    if (!file)
        return -1;
    int failed = write_all(file, rows, field, fields) != 0;
    failed |= fclose(file) != 0;
    if (failed)
        (void)remove(path);
    return failed ? -1 : 0;
}
