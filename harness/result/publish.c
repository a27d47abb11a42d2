/* SPDX-License-Identifier: MIT */
/* How a result file comes into being (see record.h): the name appears with all of its bytes or not at all, and nothing
 * that is there is ever replaced. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "grader/owner.h"
#include "harness/heap.h"
#include "harness/result/record.h"

#define TEMPORARY ".tmp-"

static int fail(const char *path, int code, struct error *err) {
    return error_set(err, ERROR_HARNESS,
                     "cannot write the result file %s: %s; check the space and the permissions of its folder.", path,
                     strerror(code));
}

static char *folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? heap_copy(path, (size_t)(slash - path)) : heap_format(".");
}

/* 0 or errno. */
static int write_whole(int fd, const char *text) {
    for (size_t left = strlen(text); left > 0;) {
        const ssize_t done = write(fd, text, left);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return errno;
        text += done;
        left -= (size_t)done;
    }
    return fsync(fd) != 0 && errno != EINVAL ? errno : 0;
}

/* 0 or errno. A link whose answer got lost on a network says EEXIST when it is asked again: our file then has two
 * names. File systems without links may know the renaming that replaces nothing. */
static int give_name(const char *temporary, const char *path) {
    struct stat status;
    if (link(temporary, path) == 0)
        return 0;
    int code = errno;
    if (code == EEXIST && lstat(temporary, &status) == 0 && status.st_nlink == 2)
        return 0;
    if (code == EPERM || code == EOPNOTSUPP || code == ENOSYS || code == EMLINK)
        code = renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0 ? 0 : errno;
    return code;
}

static void sync_folder(const char *folder) {
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

int record_name(const char *temporary, const char *path) {
    char *folder = folder_of(path);
    const int code = give_name(temporary, path);
    sync_folder(folder);
    free(folder);
    return code;
}

char *record_temporary(const char *folder) {
    char tag[OWNER_TAG];
    owner_tag(tag);
    return heap_format("%s/" TEMPORARY "%s-XXXXXX", folder, tag);
}

int record_publish(const char *path, const char *text, struct error *err) {
    char *folder = folder_of(path), *temporary = record_temporary(folder);
    const mode_t mask = umask(0);
    umask(mask);
    const int fd = mkostemp(temporary, O_CLOEXEC);
    int code = fd < 0 ? errno : write_whole(fd, text);
    if (fd >= 0) {
        if (code == 0 && fchmod(fd, (mode_t)(0666 & ~mask)) != 0)
            code = errno;
        if (close(fd) != 0 && code == 0)
            code = errno;
        if (code == 0)
            code = record_name(temporary, path);
        unlink(temporary);
    }
    free(temporary);
    free(folder);
    if (code == EEXIST)
        return 0;
    return code == 0 ? 1 : fail(path, code, err);
}

/* Of another machine one cannot know whether it lives; a day is more than any grading takes. */
static bool is_stale(int folder, const char *name) {
    const time_t day_s = 24 * 60 * 60;
    struct stat status;
    if (strncmp(name, TEMPORARY, strlen(TEMPORARY)) != 0)
        return false;
    const enum owner owner = owner_look(name + strlen(TEMPORARY));
    return owner == OWNER_DEAD ||
           (owner == OWNER_ELSEWHERE && fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            time(NULL) - status.st_mtime > day_s);
}

static void clean_folder(const char *path) {
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (is_stale(dirfd(folder), entry->d_name))
            unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
}

void record_clean_stale(const char *results) {
    char *path = heap_format("%s/results", results);
    clean_folder(results);
    clean_folder(path);
    free(path);
}
