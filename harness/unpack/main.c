/* SPDX-License-Identifier: MIT */
/* harness-unpack: started by the harness only (harness/unpack/unpack.h). An archive from somebody one does not trust is
 * read in a process of its own, which can be led astray without harm: it holds no grade, no key and no hidden case, and
 * reaches nothing but the folder that it unpacks into. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/confine.h"
#include "harness/batch/submission.h"
#include "harness/unpack/unpack.h"

/* The largest window of an xz or 7z file that people make is a quarter of this; the longest honest archive takes a
 * tenth of the time. A file that is too large comes out one byte larger than is allowed. */
static const struct confine_limits LIMITS = {
    .address_bytes = (uint64_t)1 << 30, .file_bytes = (uint64_t)ARCHIVE_INNER_BYTES_MAX + 1, .cpu_s = 120};

static const struct unpack_caps OF_CLASS = {ARCHIVE_ENTRIES_MAX, ARCHIVE_BYTES_MAX, ARCHIVE_BYTES_MAX};
static const struct unpack_caps OF_PERSON = {ARCHIVE_ENTRIES_MAX / 10, ARCHIVE_BYTES_MAX, ARCHIVE_INNER_BYTES_MAX};

/* -1 when it is no plain file that can be read. */
static int open_file(const char *path) {
    struct stat info;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? fd : -1;
}

static bool has_little_memory(void) {
    struct rlimit address, data;
    return getrlimit(RLIMIT_AS, &address) != 0 || address.rlim_cur < LIMITS.address_bytes ||
           getrlimit(RLIMIT_DATA, &data) != 0 || data.rlim_cur < LIMITS.address_bytes;
}

/* The caller's variables may hold the run's seed or a password: not even their bytes stay. */
static void forget_environment(void) {
    for (char **variable = environ; *variable != NULL; variable++)
        explicit_bzero(*variable, strlen(*variable));
    clearenv();
}

int main(int argc, char **argv) {
    char words[UNPACK_WORDS] = "";
    if (argc != 4) {
        fputs("harness-unpack is started by the harness, not by hand\n", stderr);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    signal(SIGXFSZ, SIG_IGN); /* a write that fails says why */
    close_range(STDERR_FILENO + 1, ~0U, 0);
    setlocale(LC_CTYPE, "C.UTF-8"); /* names that are not ASCII have to come out whatever the caller's locale is */
    umask(077);
    forget_environment();
    const int fd = open_file(argv[2]);
    const bool entered = chdir(argv[3]) == 0, little_memory = has_little_memory();
    const int code = errno;
    if (entered)
        confine_self(".", &LIMITS);
    fputs(UNPACK_READY, stdout);
    fflush(stdout);
    enum unpack_end end = UNPACK_UNREADABLE;
    if (!entered) {
        end = UNPACK_DISK;
        snprintf(words, sizeof words, "%s", strerror(code));
    } else if (fd >= 0) {
        end = unpack(fd, strcmp(argv[1], "class") == 0 ? &OF_CLASS : &OF_PERSON, little_memory, words);
    }
    fputs(words, stdout);
    return fflush(stdout) == 0 ? (int)end : 1;
}
