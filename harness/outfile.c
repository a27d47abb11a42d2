/* SPDX-License-Identifier: MIT */
/* See outfile.h. */
#include "harness/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/heap.h"

/* Only what the user can put right by naming another path is the user's. */
static int fail(const char *path, int code, struct error *err) {
    static const int USERS[] = {ENOENT, ENOTDIR, EISDIR, EACCES, EPERM, ENAMETOOLONG, ELOOP, EINVAL, ENXIO};
    for (size_t i = 0; i < sizeof USERS / sizeof USERS[0]; i++)
        if (code == USERS[i])
            return error_set(err, ERROR_USER,
                             "cannot write '%s': %s; name a file in a folder that exists and is yours.", path,
                             strerror(code));
    const char *remedy = code == ENOSPC || code == EDQUOT ? "free some space or name a file on another disk"
                                                          : "name a file on another disk";
    return error_set(err, ERROR_HARNESS, "cannot write '%s': %s; %s.", path, strerror(code), remedy);
}

/* The folder of the file that `path` leads to, links followed; NULL when there is none. The caller frees both. */
static char *target_of(const char *path, char **folder) {
    char *real = realpath(path, NULL);
    char *target = real != NULL ? heap_format("%s", real) : heap_format("%s", path);
    free(real);
    const char *slash = strrchr(target, '/');
    if (slash == NULL)
        *folder = heap_format(".");
    else
        *folder = heap_copy(target, slash > target ? (size_t)(slash - target) : 1);
    return target;
}

int outfile_check(const char *path, struct error *err) {
    struct stat status;
    int code = 0;
    if (strcmp(path, "-") == 0)
        return 0;
    if (path[0] == '\0')
        return error_set(err, ERROR_USER,
                         "the name of the report file is empty; give a path, or - for the standard "
                         "output.");
    char *folder, *target = target_of(path, &folder);
    if (stat(target, &status) == 0 && S_ISDIR(status.st_mode))
        code = EISDIR;
    else if (stat(target, &status) == 0 && !S_ISREG(status.st_mode))
        code = access(target, W_OK) == 0 ? 0 : errno;
    else if (stat(folder, &status) != 0 || access(folder, W_OK | X_OK) != 0)
        code = errno;
    else if (!S_ISDIR(status.st_mode))
        code = ENOTDIR;
    free(target);
    free(folder);
    return code != 0 ? fail(path, code, err) : 0;
}

/* 0 or errno. */
static int write_all(int fd, const char *text) {
    for (size_t size = strlen(text); size > 0;) {
        ssize_t done = write(fd, text, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return errno;
        text += done;
        size -= (size_t)done;
    }
    return 0;
}

static int write_in_place(const char *target, const char *text) {
    int fd = open(target, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return errno;
    int code = write_all(fd, text);
    if (close(fd) != 0 && code == 0)
        code = errno;
    return code;
}

static int write_and_rename(const char *target, const char *folder, const char *text) {
    struct stat old;
    char *temporary = heap_format("%s/.harness-report-XXXXXX", folder);
    int code = 0, fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        code = errno;
        free(temporary);
        return code;
    }
    mode_t mask = umask(0);
    umask(mask);
    mode_t mode = stat(target, &old) == 0 ? old.st_mode & 0777 : (mode_t)(0666 & ~mask);
    code = write_all(fd, text);
    if (code == 0 && (fchmod(fd, mode) != 0 || fsync(fd) != 0) && errno != EINVAL)
        code = errno;
    if (close(fd) != 0 && code == 0)
        code = errno;
    if (code == 0 && rename(temporary, target) != 0)
        code = errno;
    if (code != 0)
        unlink(temporary);
    free(temporary);
    return code;
}

int outfile_write(const char *path, const char *text, struct error *err) {
    struct stat status;
    int code;
    if (strcmp(path, "-") == 0) {
        code = fputs(text, stdout) == EOF || fflush(stdout) != 0 ? errno : 0;
        return code != 0 ? fail("the standard output", code, err) : 0;
    }
    char *folder, *target = target_of(path, &folder);
    if (stat(target, &status) == 0 && !S_ISREG(status.st_mode))
        code = write_in_place(target, text);
    else
        code = write_and_rename(target, folder, text);
    free(target);
    free(folder);
    return code != 0 ? fail(path, code, err) : 0;
}

static int open_temporary(struct outfile *out, const char *folder) {
    out->temporary = heap_format("%s/.harness-report-XXXXXX", folder);
    const int fd = mkostemp(out->temporary, O_CLOEXEC);
    out->stream = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (out->stream != NULL)
        return 0;
    const int code = errno;
    if (fd >= 0) {
        close(fd);
        unlink(out->temporary);
    }
    return code;
}

int outfile_begin(const char *path, struct outfile *out, struct error *err) {
    struct stat status;
    int code = 0;
    *out = (struct outfile){.stream = stdout, .path = heap_format("%s", path)};
    if (strcmp(path, "-") == 0)
        return 0;
    char *folder;
    out->target = target_of(path, &folder);
    if (stat(out->target, &status) == 0 && !S_ISREG(status.st_mode)) {
        out->stream = fopen(out->target, "we");
        code = out->stream != NULL ? 0 : errno;
    } else {
        code = open_temporary(out, folder);
    }
    free(folder);
    if (code == 0)
        return 0;
    fail(path, code, err);
    free(out->temporary);
    free(out->target);
    free(out->path);
    return -1;
}

/* 0 or errno: what was buffered goes out, with the mode that a file of this name has or would get. */
static int settle(struct outfile *out) {
    struct stat old;
    if (fflush(out->stream) != 0 || ferror(out->stream))
        return errno != 0 ? errno : EIO;
    if (out->temporary == NULL)
        return 0;
    const mode_t mask = umask(0);
    umask(mask);
    const mode_t mode = stat(out->target, &old) == 0 ? old.st_mode & 0777 : (mode_t)(0666 & ~mask);
    const int fd = fileno(out->stream);
    return (fchmod(fd, mode) != 0 || fsync(fd) != 0) && errno != EINVAL ? errno : 0;
}

int outfile_end(struct outfile *out, bool keep, struct error *err) {
    int code = keep ? settle(out) : 0;
    if (out->stream != stdout && fclose(out->stream) != 0 && code == 0)
        code = errno;
    if (out->temporary != NULL) {
        if (keep && code == 0 && rename(out->temporary, out->target) != 0)
            code = errno;
        if (!keep || code != 0)
            unlink(out->temporary);
    }
    if (code != 0)
        fail(out->target != NULL ? out->path : "the standard output", code, err);
    free(out->temporary);
    free(out->target);
    free(out->path);
    return code != 0 ? -1 : 0;
}
