/* SPDX-License-Identifier: MIT */
/* What harness-unpack and its caller (harness/batch/archive.c) agree upon.
 *
 *     harness-unpack class|person ARCHIVE FOLDER
 *
 * It writes UNPACK_READY to standard output once it is shut in and before it looks at a byte of the archive: without
 * that it could not be started, and all that goes wrong afterwards is the archive's doing. Then it unpacks, writes what
 * there is to be said about how it ended (a name, or the library's reason) and exits with an `enum unpack_end`. */
#ifndef HARNESS_UNPACK_H
#define HARNESS_UNPACK_H

#include <stdbool.h>
#include <stdint.h>

#define UNPACK_READY "ready\n"

/* Away from the statuses with which the loader, the C library and a shell speak. */
enum unpack_end {
    UNPACK_DONE = 0,
    UNPACK_UNREADABLE = 10,
    UNPACK_DAMAGED, /* with the library's reason */
    UNPACK_NAME_BAD,
    UNPACK_NAME_OUT, /* with the name */
    UNPACK_NAME_CLASH,
    UNPACK_LIES,
    UNPACK_MANY_FILES,
    UNPACK_MANY_BYTES,
    UNPACK_MUCH_SOURCE,
    UNPACK_MEMORY,        /* it asks for more than anything honest needs */
    UNPACK_LITTLE_MEMORY, /* the caller's limit is lower than that */
    UNPACK_DISK,          /* with the reason */
    UNPACK_ENDS
};

enum { UNPACK_WORDS = 512 };

struct unpack_caps {
    int64_t entries;
    int64_t bytes; /* of all entries, whether they are written or not */
    int64_t written;
};

/* Unpacks what `fd` holds into the working folder. `words` is left alone where there is nothing to say. */
enum unpack_end unpack(int fd, const struct unpack_caps *caps, bool little_memory, char words[UNPACK_WORDS]);

#endif
