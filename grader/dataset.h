/* SPDX-License-Identifier: MIT */
/* Data files, from which the fill `dataset` takes rows. The format is described in datasets/README.md. A file is mapped
 * and costs nothing until it is read; everything its head says is checked when it is opened. */
#ifndef GRADER_DATASET_H
#define GRADER_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grader/dtype.h"
#include "grader/error.h"
#include "grader/random.h"

enum { DATASET_RANK_MAX = 5, DATASET_FIELDS_MAX = 16, DATASET_NAME_BYTES = 33 };

/* The beginning of the name of a file that candidates must not see. */
#define DATASET_HIDDEN "hidden-"

struct dataset_field {
    char name[DATASET_NAME_BYTES];
    enum dtype type;
    size_t rank; /* of one row */
    int64_t shape[DATASET_RANK_MAX];
    size_t row_bytes;
    const unsigned char *data; /* row 0 */
};

struct dataset {
    char *path;
    const char *name; /* the last part of the path */
    uint64_t rows;
    size_t field_count;
    struct dataset_field field[DATASET_FIELDS_MAX];
    void *map;
    size_t map_bytes;
};

/* The message says what is wrong with the file and names it; the owner is ERROR_CHALLENGE. */
int dataset_open(const char *path, struct dataset **dataset, struct error *err);
void dataset_close(struct dataset *dataset); /* NULL is allowed */

/* NULL if there is no such field. */
const struct dataset_field *dataset_find(const struct dataset *dataset, const char *name);

/* Rows are drawn without replacement: draw i of a file of `rows`, i < rows. It depends on the stream, i and rows alone,
 * so whoever draws more begins with the same. */
uint64_t dataset_draw(const struct random_stream *stream, uint64_t rows, uint64_t i);

/* The stream that draws from this file in one call of one case: all tensors of the call share it. */
void dataset_stream(struct random_stream *stream, uint64_t seed, const char *scope, uint64_t call, const char *name);

/* out[count] rows: the first ones, or with a stream drawn ones. count <= dataset->rows. */
void dataset_copy(const struct dataset *dataset, const struct dataset_field *field, const struct random_stream *stream,
                  uint64_t count, void *out);

#endif
