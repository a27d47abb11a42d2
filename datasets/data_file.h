/* SPDX-License-Identifier: MIT */
/* Writes the files of datasets/README.md. */
#ifndef DATASETS_DATA_FILE_H
#define DATASETS_DATA_FILE_H

#include <stddef.h>
#include <stdint.h>

enum { DATA_FILE_RANK = 5, DATA_FILE_FIELDS = 16 };

struct data_field {
    const char *name, *type;
    size_t element_bytes;
    size_t rank;
    int64_t shape[DATA_FILE_RANK]; /* of one row */
    const void *data;              /* [rows][shape...] */
};

/* Returns 0, or -1 with errno. A file that could not be finished is removed. */
int data_file_write(const char *path, uint64_t rows, const struct data_field *field, size_t fields);

#endif
