/* SPDX-License-Identifier: MIT */
/* See unpack.h. Nothing that an archive says about itself is believed but the sizes, and those only to refuse it: a
 * bomb announces its gigabytes before they are unpacked, and what lies about them is cut off while it is written. */
#include "harness/unpack/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/batch/archive.h"
#include "harness/batch/submission.h"

enum { BLOCK_BYTES = 1 << 16, NAME_BYTES_MAX = 1000, DEPTH_MAX = 32 };

struct unpacking {
    struct archive *from, *to;
    struct unpack_caps left;
    bool little_memory;
    char *words;
};

static enum unpack_end with_words(const struct unpacking *u, enum unpack_end end, const char *words) {
    snprintf(u->words, UNPACK_WORDS, "%.*s", UNPACK_WORDS - 1, words);
    return end;
}

static enum unpack_end no_memory(const struct unpacking *u) {
    return u->little_memory ? UNPACK_LITTLE_MEMORY : UNPACK_MEMORY;
}

static enum unpack_end damaged(const struct unpacking *u) {
    const char *words = archive_error_string(u->from);
    if (archive_errno(u->from) == ENOMEM)
        return no_memory(u);
    return with_words(u, UNPACK_DAMAGED, words != NULL ? words : "it is damaged");
}

/* The disk is nobody's archive's fault. */
static enum unpack_end unwritten(const struct unpacking *u) {
    const int code = archive_errno(u->to);
    return with_words(u, UNPACK_DISK, code > 0 ? strerror(code) : "it cannot be written");
}

/* No filter that libarchive would start a program for, and no format that nobody hands in. */
static struct archive *open_archive(int fd) {
    struct archive *from = archive_read_new();
    if (from == NULL)
        return NULL;
    archive_read_support_filter_gzip(from);
    archive_read_support_filter_bzip2(from);
    archive_read_support_filter_xz(from);
    archive_read_support_filter_zstd(from);
    archive_read_support_format_tar(from);
    archive_read_support_format_zip(from);
    archive_read_support_format_7zip(from);
    if (archive_read_open_fd(from, fd, BLOCK_BYTES) == ARCHIVE_OK)
        return from;
    archive_read_free(from);
    return NULL;
}

/* A name that stays below the folder that it is put into. */
static enum unpack_end check_name(const struct unpacking *u, const char *name) {
    if (name == NULL || name[0] == '\0' || strlen(name) > NAME_BYTES_MAX)
        return UNPACK_NAME_BAD;
    size_t depth = 0;
    for (const char *part = name; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        depth++;
        if (strcmp(part, "..") == 0 || strncmp(part, "../", 3) == 0)
            depth = DEPTH_MAX + 1;
    }
    return name[0] != '/' && depth <= DEPTH_MAX ? UNPACK_DONE : with_words(u, UNPACK_NAME_OUT, name);
}

static enum unpack_end copy_data(const struct unpacking *u, int64_t limit) {
    const void *bytes;
    size_t size;
    la_int64_t offset;
    int status;
    while ((status = archive_read_data_block(u->from, &bytes, &size, &offset)) == ARCHIVE_OK) {
        if (offset < 0 || offset > limit || (int64_t)size > limit - offset)
            return UNPACK_LIES;
        if (archive_write_data_block(u->to, bytes, size, offset) != ARCHIVE_OK) /* a full disk is a warning to it */
            return unwritten(u);
    }
    return status == ARCHIVE_EOF ? UNPACK_DONE : damaged(u);
}

/* Why no file could be made: because of the place, or because of the name. */
static enum unpack_end not_made(const struct unpacking *u) {
    static const int of_the_place[] = {ENOSPC, EDQUOT, EMFILE, ENFILE, EROFS, EIO};
    for (size_t i = 0; i < sizeof of_the_place / sizeof of_the_place[0]; i++)
        if (archive_errno(u->to) == of_the_place[i])
            return unwritten(u);
    return UNPACK_NAME_CLASH;
}

static enum unpack_end write_entry(const struct unpacking *u, const char *name, int64_t limit, bool oversize) {
    struct archive_entry *plain = archive_entry_new();
    enum unpack_end end = UNPACK_DONE;
    if (plain == NULL)
        return no_memory(u);
    archive_entry_set_pathname(plain, name);
    archive_entry_set_filetype(plain, AE_IFREG);
    archive_entry_set_perm(plain, 0600);
    if (oversize)
        archive_entry_set_size(plain, limit + 1);
    if (archive_write_header(u->to, plain) < ARCHIVE_WARN)
        end = not_made(u);
    else if (!oversize)
        end = copy_data(u, limit);
    if (archive_write_finish_entry(u->to) < ARCHIVE_WARN && end == UNPACK_DONE)
        end = unwritten(u);
    archive_entry_free(plain);
    return end;
}

/* How large a file of this name may be; 0 when it is of no use here. */
static int64_t limit_of(struct archive_entry *entry) {
    const char *name = archive_entry_pathname(entry);
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != NULL ||
        archive_entry_symlink(entry) != NULL)
        return 0;
    if (archive_is_source(name))
        return ARCHIVE_FILE_BYTES_MAX;
    return archive_is_named(name) ? ARCHIVE_INNER_BYTES_MAX : 0;
}

static enum unpack_end take_entry(struct unpacking *u, struct archive_entry *entry) {
    const int64_t size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : 0;
    if (u->left.entries-- == 0)
        return UNPACK_MANY_FILES;
    const enum unpack_end end = check_name(u, archive_entry_pathname(entry));
    if (end != UNPACK_DONE)
        return end;
    if (size < 0 || size > u->left.bytes)
        return UNPACK_MANY_BYTES;
    u->left.bytes -= size;
    const int64_t limit = limit_of(entry);
    if (limit == 0)
        return UNPACK_DONE;
    /* A file that does not say how large it is costs as much as it may become. */
    const bool known = archive_entry_size_is_set(entry) != 0;
    const int64_t written = known && size < limit ? size : limit;
    if (written > u->left.written)
        return UNPACK_MUCH_SOURCE;
    u->left.written -= written;
    return write_entry(u, archive_entry_pathname(entry), written, known && size > limit);
}

static enum unpack_end unpack_all(struct unpacking *u) {
    struct archive_entry *entry;
    int status;
    /* What is there already is not replaced through a link, and no name leads out of the folder. */
    archive_write_disk_set_options(u->to, ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                                              ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS | ARCHIVE_EXTRACT_UNLINK);
    while ((status = archive_read_next_header(u->from, &entry)) >= ARCHIVE_WARN && status != ARCHIVE_EOF) {
        const enum unpack_end end = take_entry(u, entry);
        if (end != UNPACK_DONE)
            return end;
    }
    return status == ARCHIVE_EOF ? UNPACK_DONE : damaged(u);
}

enum unpack_end unpack(int fd, const struct unpack_caps *caps, bool little_memory, char words[UNPACK_WORDS]) {
    struct unpacking u = {open_archive(fd), archive_write_disk_new(), *caps, little_memory, words};
    const enum unpack_end end = u.from == NULL || u.to == NULL ? UNPACK_UNREADABLE : unpack_all(&u);
    archive_read_free(u.from);
    archive_write_free(u.to);
    return end;
}
