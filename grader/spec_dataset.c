/* SPDX-License-Identifier: MIT */
/* Fills that take rows of a data file: {"kind": "dataset", "file": "runs.bin", "field": "records", "rows": "random"}.
 * A file is looked for in the pack's folder, then among the data sets of the harness, and is opened once. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "grader/locate.h"
#include "grader/spec_load.h"

enum { PATH_BYTES = 4096 };

/* Where the file is; false when it is nowhere. `folder` gets the folder of the data sets, for the message. */
static bool find_file(const struct spec *spec, const char *name, char folder[LOCATE_PATH], char path[PATH_BYTES]) {
    bool fits;

    if (!locate_datasets(folder)) {
        snprintf(folder, LOCATE_PATH, "the data sets of the harness, of which there are none");
    }
    fits = spec->directory != NULL && snprintf(path, PATH_BYTES, "%s/%s", spec->directory, name) < PATH_BYTES;
    if (fits && access(path, F_OK) == 0) {
        return true;
    }
    return snprintf(path, PATH_BYTES, "%s/%s", folder, name) < PATH_BYTES && access(path, F_OK) == 0;
}

static int open_file(struct spec *spec, const struct json_place *at, struct dataset **dataset, struct error *err) {
    const char *name = at->node->valuestring;
    char folder[LOCATE_PATH], path[PATH_BYTES];
    struct error why;

    for (size_t i = 0; i < spec->dataset_count; i++) {
        if (strcmp(spec->dataset[i]->name, name) == 0) {
            *dataset = spec->dataset[i];
            return 0;
        }
    }
    if (spec->dataset_count == SPEC_DATASETS_MAX) {
        return json_error(at, err,
                          "is '%s', one data file more than the %d that a challenge may use; put fields that "
                          "belong together into one file.",
                          name, (int)SPEC_DATASETS_MAX);
    }
    if (!find_file(spec, name, folder, path)) {
        return json_error(at, err,
                          "is '%s', which is neither in the challenge's folder nor in %s; put it there, or "
                          "build the target 'datasets' if it is one of the harness's own.",
                          name, folder);
    }
    if (dataset_open(path, dataset, &why) != 0) {
        return json_error(at, err, "cannot be used: %s", why.text);
    }
    spec->dataset[spec->dataset_count++] = *dataset;
    return 0;
}

/* "[160][72]" */
static void describe_shape(const int64_t *shape, size_t rank, char *text, size_t size) {
    size_t used = (size_t)snprintf(text, size, "%s", rank == 0 ? "one number" : "");

    for (size_t i = 0; i < rank && used < size; i++) {
        used += (size_t)snprintf(text + used, size - used, "[%lld]", (long long)shape[i]);
    }
}

static int check_shape(const struct json_place *at, const struct dataset *dataset, const struct dataset_field *field,
                       const struct spec_argument *argument, const int64_t *shape, const char *case_name,
                       struct error *err) {
    bool same = argument->rank == field->rank + 1;

    for (size_t i = 0; same && i < field->rank; i++) {
        same = shape[i + 1] == field->shape[i];
    }
    if (!same) {
        char wanted[160], held[160];
        describe_shape(shape + 1, argument->rank - 1, wanted, sizeof wanted);
        describe_shape(field->shape, field->rank, held, sizeof held);
        return json_error(at, err,
                          "is '%s', whose rows are %s in '%s', but those of '%s' in case '%s' are %s; the "
                          "first dimension counts rows, the others have to be equal.",
                          field->name, held, dataset->name, argument->name, case_name, wanted);
    }
    if ((uint64_t)shape[0] > dataset->rows) {
        return json_error(at, err,
                          "is a field of '%s', which has %llu rows, but '%s' takes %lld in case '%s', and no "
                          "row is taken twice; take fewer.",
                          dataset->name, (unsigned long long)dataset->rows, argument->name, (long long)shape[0],
                          case_name);
    }
    return 0;
}

int spec_read_dataset(const struct spec_loader *loader, enum spec_file file, const struct json_place *at,
                      struct spec_case *c, size_t a, struct error *err) {
    const struct spec_argument *argument = &loader->spec->entry[c->entry].argument[a];
    struct json_place name = json_member(at, "file"), field = json_member(at, "field");
    struct fill *fill = &c->fill[a];
    struct dataset *dataset;

    if (file == SPEC_PUBLIC && strncmp(name.node->valuestring, DATASET_HIDDEN, strlen(DATASET_HIDDEN)) == 0) {
        return json_error(&name, err,
                          "is '%s', which candidates do not have, but the case '%s' is not a hidden one; use "
                          "another file, or move the case to hidden.json.",
                          name.node->valuestring, c->name);
    }
    if (open_file(loader->spec, &name, &dataset, err) != 0) {
        return -1;
    }
    fill->dataset = dataset;
    fill->field = dataset_find(dataset, field.node->valuestring);
    fill->drawn = strcmp(json_text(at, "rows", "random"), "random") == 0;
    if (fill->field == NULL) {
        return json_error(&field, err, "is '%s', but '%s' has no such field; its first is '%s'.",
                          field.node->valuestring, dataset->path, dataset->field[0].name);
    }
    if (fill->field->type != argument->type) {
        return json_error(&field, err, "is '%s', which is %s in '%s', but '%s' is %s; give it the type of the data.",
                          fill->field->name, dtype_info(fill->field->type)->name, dataset->name, argument->name,
                          dtype_info(argument->type)->name);
    }
    return check_shape(&field, dataset, fill->field, argument, c->shape[a], c->name, err);
}
