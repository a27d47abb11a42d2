/* SPDX-License-Identifier: MIT */
/* Unpacking an archive from somebody one does not trust, in a process of its own. */
#ifndef HARNESS_ARCHIVE_H
#define HARNESS_ARCHIVE_H

#include <stdbool.h>

#include "grader/error.h"

/* A person's archive has smaller caps than one with the work of a whole class, which may hold many of those. */
enum archive_kind { ARCHIVE_OF_CLASS, ARCHIVE_OF_PERSON };

/* By its content, not its name. */
bool archive_is(const char *path);

/* Is the name that of an archive? Among submissions only files with such a name are looked into. */
bool archive_is_named(const char *name);

/* ".c" in either case: what a file system without cases has made of it is C all the same. */
bool archive_is_source(const char *name);

/* Only C files and archives are written, as plain files of mode 0600 below `into`; everything else, links and devices
 * above all, is passed over. The caps of submission.h hold: a C file that is larger comes out one byte larger than is
 * allowed, so that whoever finds it there says so. An archive that is damaged or too large, or holds an absolute name
 * or "..", or that makes the unpacker crash, fails, and the sentence says what is wrong in it. */
int archive_unpack(const char *path, enum archive_kind kind, const char *into, struct error *err);

#endif
