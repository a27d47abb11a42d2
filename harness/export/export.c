/* SPDX-License-Identifier: MIT */
/* Which files and lines the options ask for, and writing them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/command.h"
#include "harness/export/export_part.h"
#include "harness/heap.h"
#include "harness/outcome.h"
#include "harness/outfile.h"

/* GitHub throws away the whole summary of a step that has more. */
enum { SUMMARY_BYTES = 1 << 20 };

typedef char *export_fn(const struct export_item *item, size_t count);

/* --json is somebody else's to write, and here only because no two files may be one. */
static const struct exporter {
    const char *name;
    size_t offset; /* of the path in struct options */
    export_fn *make;
} EXPORTER[] = {
    {"json", offsetof(struct options, json), NULL},
    {"junit", offsetof(struct options, junit), export_junit},
    {"csv", offsetof(struct options, csv), export_csv},
    {"points-csv", offsetof(struct options, points_csv), export_points_csv},
    {"markdown", offsetof(struct options, markdown), export_markdown},
    {"gradescope", offsetof(struct options, gradescope), export_gradescope},
    {"code-quality", offsetof(struct options, code_quality), export_code_quality},
};
enum { EXPORTERS = sizeof EXPORTER / sizeof EXPORTER[0] };

static const char *path_of(const struct options *options, size_t i) {
    return *(const char *const *)((const char *)options + EXPORTER[i].offset);
}

bool export_takes_stdout(const struct options *options) {
    for (size_t i = 0; i < EXPORTERS; i++)
        if (path_of(options, i) != NULL && strcmp(path_of(options, i), "-") == 0)
            return true;
    return false;
}

static const char *summary_path(const struct options *options) {
    const char *path = options->github ? getenv("GITHUB_STEP_SUMMARY") : NULL;
    return path != NULL && path[0] != '\0' ? path : NULL;
}

int export_check(const struct options *options, struct error *err) {
    for (size_t i = 0; i < EXPORTERS; i++) {
        const char *path = path_of(options, i);
        if (path == NULL)
            continue;
        for (size_t k = 0; k < i; k++)
            if (path_of(options, k) != NULL && strcmp(path_of(options, k), path) == 0)
                return error_set(err, ERROR_USER, "--%s and --%s cannot both go to '%s'; name two files.",
                                 EXPORTER[k].name, EXPORTER[i].name, path);
        if (outfile_check(path, err) != 0)
            return -1;
    }
    return summary_path(options) != NULL ? outfile_check(summary_path(options), err) : 0;
}

/* Behind whatever the step has written there already. */
static int append_summary(const char *path, const struct export_item *item, size_t count, struct error *err) {
    struct stat status;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644), code = 0;
    if (fd < 0 || fstat(fd, &status) != 0) {
        code = errno;
    } else {
        size_t used = status.st_size > 0 ? (size_t)status.st_size : 0;
        char *text = export_markdown_within(item, count, used < SUMMARY_BYTES ? SUMMARY_BYTES - used : 0);
        size_t size = strlen(text);
        const ssize_t written = used + size <= SUMMARY_BYTES ? write(fd, text, size) : (ssize_t)size;
        if (written != (ssize_t)size)
            code = written < 0 ? errno : ENOSPC;
        free(text);
    }
    if (fd >= 0)
        close(fd);
    return code == 0 ? 0
                     : error_set(err, ERROR_HARNESS,
                                 "cannot write the summary '%s' that GITHUB_STEP_SUMMARY names: "
                                 "%s; make it writable, or unset the variable.",
                                 path, strerror(code));
}

static int put_lines(FILE *out, export_fn *make, const struct export_item *item, size_t count) {
    char *text = make(item, count);
    int failed = fputs(text, out) == EOF || fflush(out) != 0;
    free(text);
    return failed ? EXIT_OPERATOR : 0;
}

int export_write(const struct options *options, const struct export_item *item, size_t count) {
    FILE *out = export_takes_stdout(options) ? stderr : stdout; /* the runner reads both */
    struct error error;
    int worst = 0;
    for (size_t i = 0; i < EXPORTERS; i++) {
        if (path_of(options, i) == NULL || EXPORTER[i].make == NULL)
            continue;
        char *text = EXPORTER[i].make(item, count);
        int code = outfile_write(path_of(options, i), text, &error) != 0 ? command_fail(&error) : 0;
        worst = code > worst ? code : worst;
        free(text);
    }
    if (summary_path(options) != NULL && append_summary(summary_path(options), item, count, &error) != 0)
        worst = command_fail(&error);
    int code = options->github ? put_lines(out, export_github, item, count) : 0;
    worst = code > worst ? code : worst;
    code = options->classroom ? put_lines(out, export_classroom, item, count) : 0;
    return code > worst ? code : worst;
}
