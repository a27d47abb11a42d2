/* SPDX-License-Identifier: MIT */
/* For a program of the harness's own that is about to read somebody else's bytes: what it could still do if those got
 * the better of it. No solution runs behind this; that is grader/sandbox/'s business. */
#ifndef GRADER_CONFINE_H
#define GRADER_CONFINE_H

#include <stdint.h>

struct confine_limits {
    uint64_t address_bytes, file_bytes;
    unsigned cpu_s;
};

/* From here on and for ever: no more than these limits or the caller's, whichever is lower, no further process, no
 * core dump and no new privileges; and, where the kernel offers it, no file but those below `folder`, no network and
 * no other process within reach. What is open already stays open. Nothing is said about a kernel that offers less: an
 * archive has to be unpacked there too. */
void confine_self(const char *folder, const struct confine_limits *limits);

#endif
