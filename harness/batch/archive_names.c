/* SPDX-License-Identifier: MIT */
/* See archive.h: what names say. Here and in harness-unpack alike, so that what one looks for is what the other
 * writes. */
#include <string.h>
#include <strings.h>

#include "harness/batch/archive.h"

static bool ends_in(const char *name, const char *end) {
    size_t length = strlen(name), tail = strlen(end);
    return length > tail && strcasecmp(name + length - tail, end) == 0;
}

bool archive_is_named(const char *name) {
    static const char *const ENDS[] = {".zip", ".tar", ".tgz", ".gz",  ".tbz",  ".tbz2", ".bz2",
                                       ".txz", ".xz",  ".7z",  ".zst", ".tzst", ".rar"};
    for (size_t i = 0; i < sizeof ENDS / sizeof ENDS[0]; i++)
        if (ends_in(name, ENDS[i]))
            return true;
    return false;
}

bool archive_is_source(const char *name) {
    return ends_in(name, ".c");
}
