/* SPDX-License-Identifier: MIT */
/* See archive.h. The bytes of an archive are read by harness-unpack, a program of its own; here its end becomes a
 * sentence. Whatever that program does once it has begun with the archive is the archive's fault. */
#include "harness/batch/archive.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/locate.h"
#include "harness/batch/process.h"
#include "harness/unpack/unpack.h"

/* Its own limit on CPU time ends it long before, unless the disk is what is slow. */
enum { UNPACK_SECONDS = 900, SIGNAL_BASE = 128 };

#define AGAIN "; pack it again as .zip or .tar.gz."

/* Begin, path, middle, what the unpacker said, end. */
struct ending {
    enum error_owner owner;
    const char *begin, *middle, *end;
};

#define OF_ARCHIVE(MIDDLE, END)                                                                                        \
    { ERROR_USER, "the archive '", "' " MIDDLE, END }
static const struct ending ENDINGS[UNPACK_ENDS] = {
    [UNPACK_UNREADABLE] = OF_ARCHIVE("cannot be read as one", AGAIN),
    [UNPACK_DAMAGED] = OF_ARCHIVE("cannot be unpacked: ", AGAIN),
    [UNPACK_NAME_BAD] = OF_ARCHIVE("holds a file whose name is empty, unreadable or far too long", "; pack it again."),
    [UNPACK_NAME_OUT] = OF_ARCHIVE("holds the name '", "', which is absolute, has '..' in it or is too deep; pack the "
                                                       "files again by names below one folder."),
    [UNPACK_NAME_CLASH] =
        OF_ARCHIVE("holds a name that cannot be a file here, or one that is a folder too", "; pack it again."),
    [UNPACK_LIES] = OF_ARCHIVE("holds a file that is larger than it says", "; pack it again."),
    [UNPACK_MANY_FILES] = OF_ARCHIVE("holds too many files", "; pack the C files alone."),
    [UNPACK_MANY_BYTES] = OF_ARCHIVE("holds too many bytes once it is unpacked", "; pack the C files alone."),
    [UNPACK_MUCH_SOURCE] =
        OF_ARCHIVE("holds more C files than anybody could have written", "; pack those that are to be graded."),
    [UNPACK_MEMORY] = OF_ARCHIVE("needs far too much memory to be unpacked", AGAIN),
    [UNPACK_LITTLE_MEMORY] = {ERROR_HARNESS, "cannot unpack '", "': there is not enough memory for it",
                              "; free some, or raise the limit on it (ulimit -v)."},
    [UNPACK_DISK] = {ERROR_HARNESS, "cannot unpack '", "': ", "; TMPDIR names another place."},
};
/* These ends are the kernel's or the library's, not the program's own. */
static const struct ending STOPPED = OF_ARCHIVE("takes far too much time or memory to be unpacked", AGAIN);
static const struct ending CRASHED = OF_ARCHIVE("makes the program that unpacks it crash", AGAIN);

/* How the formats and filters that are unpacked begin. */
static const struct mark {
    size_t at, size;
    const char *bytes;
} MARKS[] = {{0, 4, "PK\003\004"}, {0, 4, "PK\005\006"}, {0, 6, "7z\274\257\047\034"}, {0, 2, "\037\213"},
             {0, 3, "BZh"},        {0, 5, "\3757zXZ"},   {0, 4, "(\265/\375"},         {257, 5, "ustar"}};

bool archive_is(const char *path) {
    unsigned char head[512] = {0};
    struct stat info;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const ssize_t size = fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? read(fd, head, sizeof head) : -1;
    if (fd >= 0)
        close(fd);
    for (size_t i = 0; i < sizeof MARKS / sizeof MARKS[0]; i++)
        if (size >= (ssize_t)(MARKS[i].at + MARKS[i].size) &&
            memcmp(head + MARKS[i].at, MARKS[i].bytes, MARKS[i].size) == 0)
            return true;
    return false;
}

static const struct ending *ending_of(int status) {
    if (status == SIGNAL_BASE + SIGKILL || status == SIGNAL_BASE + SIGXCPU)
        return &STOPPED;
    return status > 0 && status < UNPACK_ENDS && ENDINGS[status].begin != NULL ? &ENDINGS[status] : &CRASHED;
}

/* What came of it: 0, or the sentence. */
static int conclude(const char *path, const char *program, int status, const struct process_output *output,
                    struct error *err) {
    const size_t head = strlen(UNPACK_READY);
    if (strncmp(output->out, UNPACK_READY, head) != 0)
        return error_set(
            err, ERROR_HARNESS,
            "cannot unpack '%s': the program %s does not start (%.*s); install the harness again, or raise "
            "the limit on memory (ulimit -v).",
            path, program, (int)strcspn(output->err, "\n"), output->err[0] != '\0' ? output->err : "it says nothing");
    if (status == 0)
        return 0;
    const struct ending *ending = ending_of(status);
    return error_set(err, ending->owner, "%s%s%s%.200s%s", ending->begin, path, ending->middle, output->out + head,
                     ending->end);
}

int archive_unpack(const char *path, enum archive_kind kind, const char *into, struct error *err) {
    static const char *const KIND[] = {[ARCHIVE_OF_CLASS] = "class", [ARCHIVE_OF_PERSON] = "person"};
    char program[LOCATE_PATH];
    struct process_output output;
    if (locate_unpacker(program, err) != 0)
        return -1;
    char *word[] = {program, (char *)KIND[kind], (char *)path, (char *)into, NULL};
    int status = process_run(word, UNPACK_SECONDS, &output, err);
    if (status >= 0)
        status = conclude(path, program, status, &output, err);
    free(output.out);
    free(output.err);
    return status;
}
