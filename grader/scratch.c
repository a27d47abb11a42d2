/* SPDX-License-Identifier: MIT */
#include "grader/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "grader/owner.h"

#define SCRATCH_PREFIX "harness-"

/* A folder must fit into a worker's command page with a file name behind it. */
const char *scratch_root(void) {
    const char *root = getenv("TMPDIR");
    return root != NULL && root[0] == '/' && strlen(root) < 120 ? root : "/tmp";
}

int scratch_open(struct scratch *scratch, struct error *err) {
    char tag[OWNER_TAG];
    owner_tag(tag);
    snprintf(scratch->path, sizeof scratch->path, "%s/" SCRATCH_PREFIX "%s-XXXXXX", scratch_root(), tag);
    if (mkdtemp(scratch->path) == NULL || chmod(scratch->path, 0755) != 0) {
        scratch->path[0] = '\0';
        return error_errno(err, "cannot create a scratch folder in %s (set TMPDIR to a folder with space)",
                           scratch_root());
    }
    return 0;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk) {
    (void)info, (void)kind, (void)walk;
    if (remove(path) == 0 || errno != EACCES)
        return 0;
    /* What forbids the removal is the mode of the folder around it. */
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - path) : 0, path);
    chmod(folder, 0700);
    remove(path);
    return 0;
}

void scratch_remove_tree(const char *path) {
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

void scratch_release(struct scratch *scratch) {
    if (scratch->path[0] != '\0')
        scratch_remove_tree(scratch->path);
    scratch->path[0] = '\0';
}

/* An owner that cannot be seen from here is given a day: nothing that is graded takes that long. */
static bool is_stale(const char *tag, time_t changed) {
    const time_t day_s = 24 * 60 * 60;
    enum owner owner = owner_look(tag);
    return owner == OWNER_DEAD || (owner == OWNER_ELSEWHERE && time(NULL) - changed > day_s);
}

void scratch_clean(const char *root, const char *prefix) {
    DIR *folder = opendir(root);
    if (folder == NULL)
        return;
    size_t length = strlen(prefix);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct stat info;
        if (strncmp(entry->d_name, prefix, length) != 0 ||
            fstatat(dirfd(folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(info.st_mode) ||
            info.st_uid != geteuid() || !is_stale(entry->d_name + length, info.st_mtime))
            continue;
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", root, entry->d_name);
        scratch_remove_tree(path);
    }
    closedir(folder);
}

void scratch_clean_stale(void) {
    scratch_clean(scratch_root(), SCRATCH_PREFIX);
}

int scratch_folder(const struct scratch *scratch, const char *name, char path[SCRATCH_PATH], struct error *err) {
    snprintf(path, SCRATCH_PATH, "%.*s/%s", SCRATCH_PATH - 32, scratch->path, name);
    /* A caller's umask must not lock out the other uid that works in here. */
    if (mkdir(path, 0755) != 0 || chmod(path, 0755) != 0)
        return error_errno(err, "cannot create the folder %s (is the disk full? TMPDIR names another place)", path);
    return 0;
}

static int write_all(int fd, const char *bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t wrote = write(fd, bytes + done, size - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return -1;
        done += (size_t)wrote;
    }
    return 0;
}

static int write_mode(const char *path, const void *bytes, size_t size, unsigned mode, struct error *err) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return error_errno(err, "cannot create %s (is the disk full? TMPDIR names another place)", path);
    int status = write_all(fd, bytes, size) == 0 && fchmod(fd, mode) == 0 ? 0 : -1;
    int saved = errno;
    if (close(fd) != 0 && status == 0) {
        status = -1;
        saved = errno;
    }
    errno = saved;
    return status == 0 ? 0 : error_errno(err, "cannot write %s (is the disk full? TMPDIR names another place)", path);
}

int scratch_write(const char *path, const void *bytes, size_t size, struct error *err) {
    return write_mode(path, bytes, size, 0644, err);
}

static int open_regular(const char *path, int flags, size_t limit, size_t *size, struct error *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
    if (fd < 0 && errno == ELOOP && (flags & O_NOFOLLOW) != 0)
        return error_set(err, ERROR_USER, "%s is a symbolic link; name the file that it points to", path);
    if (fd < 0)
        return error_set(err, ERROR_USER, "cannot open %s: %s", path, strerror(errno));
    struct stat info;
    const char *why = NULL;
    if (fstat(fd, &info) != 0)
        why = "cannot be read";
    else if (S_ISDIR(info.st_mode))
        why = "is a folder, not a file";
    else if (!S_ISREG(info.st_mode))
        why = "is not a regular file";
    else if ((uint64_t)info.st_size > limit)
        why = "is larger than is allowed";
    if (why != NULL) {
        close(fd);
        return error_set(err, ERROR_USER, "%s %s (at most %zu KiB)", path, why, limit >> 10);
    }
    *size = (size_t)info.st_size;
    return fd;
}

static int read_whole(const char *path, int flags, size_t limit, char **bytes, size_t *size, struct error *err) {
    size_t expected = 0;
    int fd = open_regular(path, flags, limit, &expected, err);
    if (fd < 0)
        return -1;
    char *text = malloc(expected + 1);
    size_t done = 0;
    while (text != NULL && done < expected) {
        ssize_t got = read(fd, text + done, expected - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            free(text);
            text = NULL;
        }
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    close(fd);
    if (text == NULL)
        return error_errno(err, "cannot read %s", path);
    text[done] = '\0';
    *bytes = text;
    *size = done;
    return 0;
}

int scratch_read(const char *path, size_t limit, char **bytes, size_t *size, struct error *err) {
    return read_whole(path, 0, limit, bytes, size, err);
}

int scratch_read_unlinked(const char *path, size_t limit, char **bytes, size_t *size, struct error *err) {
    return read_whole(path, O_NOFOLLOW, limit, bytes, size, err);
}

int scratch_copy(const char *from, const char *to, size_t limit, unsigned mode, struct error *err) {
    char *bytes = NULL;
    size_t size = 0;
    if (scratch_read(from, limit, &bytes, &size, err) != 0) {
        if (err != NULL)
            err->owner = ERROR_HARNESS;
        return -1;
    }
    int status = write_mode(to, bytes, size, mode, err);
    free(bytes);
    return status;
}
