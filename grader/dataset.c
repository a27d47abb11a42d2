/* SPDX-License-Identifier: MIT */
/* Opening a data file, and finding fields in it. */
#include "grader/dataset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 32, TYPE_BYTES = 8, ALIGNMENT = 64, VERSION = 1 };

struct file_head {
    char magic[8];
    uint32_t version, fields;
    uint64_t rows, bytes;
};

struct file_field {
    char name[NAME_BYTES], type[TYPE_BYTES];
    uint64_t offset, rank;
    int64_t shape[DATASET_RANK_MAX];
};

_Static_assert(sizeof(struct file_head) == 32 && sizeof(struct file_field) == 96, "these are the file's own bytes");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are read as they lie in the file");

/* The complaints complete "FILE is not a data file of the harness: ...". */
static const char *read_field(const struct file_field *in, const struct dataset *dataset, struct dataset_field *out) {
    char type[TYPE_BYTES + 1] = {0};

    memcpy(out->name, in->name, NAME_BYTES);
    memcpy(type, in->type, TYPE_BYTES);
    out->type = dtype_from_name(type);
    out->rank = (size_t)in->rank;
    if (out->name[0] == '\0')
        return "a field has no name";
    if (out->type == DTYPE_COUNT)
        return "a field has a type that does not exist";
    if (in->rank > DATASET_RANK_MAX)
        return "a field has too many dimensions";
    uint64_t bytes = dtype_info(out->type)->bytes, all;
    for (size_t i = 0; i < out->rank; i++) {
        out->shape[i] = in->shape[i];
        if (in->shape[i] < 0 || __builtin_mul_overflow(bytes, (uint64_t)in->shape[i], &bytes))
            return "a field has a shape that is impossible";
    }
    if (__builtin_mul_overflow(bytes, dataset->rows, &all) || all > dataset->map_bytes ||
        in->offset > dataset->map_bytes - all)
        return "a field reaches beyond its end";
    if (in->offset % ALIGNMENT != 0)
        return "a field begins where it must not";
    out->row_bytes = (size_t)bytes;
    out->data = (const unsigned char *)dataset->map + in->offset;
    return NULL;
}

static const char *read_head(struct dataset *dataset) {
    struct file_head head;

    if (dataset->map_bytes < sizeof head)
        return "it is too short";
    memcpy(&head, dataset->map, sizeof head);
    if (memcmp(head.magic, "HARNDATA", sizeof head.magic) != 0)
        return "it does not begin with HARNDATA";
    if (head.version != VERSION)
        return "it has another version of the format";
    if (head.bytes != dataset->map_bytes)
        return "its size is not what its head says";
    if (head.fields == 0 || head.fields > DATASET_FIELDS_MAX ||
        dataset->map_bytes < sizeof head + head.fields * sizeof(struct file_field))
        return "it has no fields, or too many";
    dataset->rows = head.rows;
    for (; dataset->field_count < head.fields; dataset->field_count++) {
        struct dataset_field *field = &dataset->field[dataset->field_count];
        struct file_field in;
        memcpy(&in, (const unsigned char *)dataset->map + sizeof head + dataset->field_count * sizeof in, sizeof in);
        const char *complaint = read_field(&in, dataset, field);
        if (complaint != NULL)
            return complaint;
        if (dataset_find(dataset, field->name) != NULL)
            return "two fields have the same name";
    }
    return NULL;
}

/* 0, or errno. An empty file has no mapping. */
static int map_file(const char *path, struct dataset *dataset) {
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), code = 0;

    if (file < 0)
        return errno;
    if (fstat(file, &status) != 0)
        code = errno;
    else if (!S_ISREG(status.st_mode))
        code = EISDIR;
    else if (status.st_size > 0) {
        dataset->map = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        code = dataset->map == MAP_FAILED ? errno : 0;
        dataset->map = code != 0 ? NULL : dataset->map;
        dataset->map_bytes = code != 0 ? 0 : (size_t)status.st_size;
    }
    (void)close(file);
    return code;
}

int dataset_open(const char *path, struct dataset **out, struct error *err) {
    struct dataset *dataset = calloc(1, sizeof *dataset);

    *out = NULL;
    if (dataset == NULL || (dataset->path = strdup(path)) == NULL) {
        dataset_close(dataset);
        return error_errno(err, "no memory to open %s", path);
    }
    const char *slash = strrchr(dataset->path, '/');
    dataset->name = slash != NULL ? slash + 1 : dataset->path;
    const int code = map_file(path, dataset);
    const char *complaint = code == 0 ? read_head(dataset) : NULL;
    if (code == 0 && complaint == NULL) {
        *out = dataset;
        return 0;
    }
    dataset_close(dataset);
    if (code != 0)
        return error_set(err, ERROR_CHALLENGE, "the data file %s cannot be read: %s%s.", path, strerror(code),
                         error_remedy(code));
    return error_set(err, ERROR_CHALLENGE, "%s is not a data file of the harness: %s; make it again.", path, complaint);
}

void dataset_close(struct dataset *dataset) {
    if (dataset == NULL)
        return;
    if (dataset->map != NULL)
        (void)munmap(dataset->map, dataset->map_bytes);
    free(dataset->path);
    free(dataset);
}

const struct dataset_field *dataset_find(const struct dataset *dataset, const char *name) {
    for (size_t f = 0; f < dataset->field_count; f++)
        if (strcmp(dataset->field[f].name, name) == 0)
            return &dataset->field[f];
    return NULL;
}
