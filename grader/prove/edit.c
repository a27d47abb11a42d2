/* SPDX-License-Identifier: MIT */
/* See edit.h: the file is cut into lines, its blocks are found, each is claimed in the base, and the two are woven. */
#include "grader/prove/edit.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/scratch.h"

enum { FILE_BYTES = 1 << 20, PATH_BYTES = 1024, MARKERS = 3, BASE_LINE = 2 };

static const char suffix[] = ".edit", base_key[] = "// edits: ";

/* The marker that may come next is the one with the number of the section. */
enum section { OUTSIDE, OLD, NEW };
static const char *const marker[MARKERS] = {[OUTSIDE] = "<<<<<<<", [OLD] = "=======", [NEW] = ">>>>>>>"};

struct line {
    const char *text;
    size_t length;
};

struct file {
    char *bytes;
    size_t count;
    struct line *line;
    size_t *block; /* of the base: 1 + the block that has claimed this line, 0 for none */
};

struct block {
    size_t begin; /* line of its first marker, 0-based like those below */
    size_t old_begin, old_count, new_begin, new_count;
    size_t place; /* of its first old line in the base */
};

struct making {
    struct edit *edit;
    struct file own, base;
    size_t block_count;
    struct block *block;
};

static bool ends_with(const char *text, const char *end) {
    const size_t length = strlen(text), wanted = strlen(end);
    return length > wanted && strcmp(text + length - wanted, end) == 0;
}

bool edit_is(const char *path) {
    return ends_with(path, suffix);
}

bool edit_is_solution(const char *name) {
    return name[0] != '.' && (ends_with(name, ".c") || ends_with(name, suffix));
}

static int file_open(const char *path, struct file *file, struct error *err) {
    size_t size = 0;
    if (scratch_read_unlinked(path, FILE_BYTES, &file->bytes, &size, err) != 0)
        return -1;
    file->line = calloc(size + 1, sizeof *file->line);
    file->block = calloc(size + 1, sizeof *file->block);
    if (file->line == NULL || file->block == NULL)
        return error_errno(err, "no memory for the lines of %s", path);
    for (const char *at = file->bytes, *end = at + size; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop != NULL ? stop : end;
        file->line[file->count++] = (struct line){.text = at, .length = (size_t)(stop - at)};
        at = stop + 1;
    }
    return 0;
}

static void file_release(struct file *file) {
    free(file->bytes);
    free(file->line);
    free(file->block);
}

static bool is_text(const struct line *line, const char *text) {
    return line->length == strlen(text) && memcmp(line->text, text, line->length) == 0;
}

static bool begins_with(const struct line *line, const char *text) {
    return line->length >= strlen(text) && memcmp(line->text, text, strlen(text)) == 0;
}

static bool is_blank(const struct line *line) {
    for (size_t i = 0; i < line->length; i++)
        if (!isspace((unsigned char)line->text[i]))
            return false;
    return true;
}

static struct line trimmed(struct line line) {
    while (line.length > 0 && isspace((unsigned char)line.text[0])) {
        line.text++;
        line.length--;
    }
    while (line.length > 0 && isspace((unsigned char)line.text[line.length - 1]))
        line.length--;
    return line;
}

/* A name in the same folder and nothing else: an edit must not reach for files elsewhere. */
static int find_base(struct making *making, struct error *err) {
    struct edit *edit = making->edit;
    const struct file *own = &making->own;
    if (own->count <= BASE_LINE || !begins_with(&own->line[BASE_LINE], base_key))
        return error_set(err, ERROR_CHALLENGE,
                         "%s does not say what it edits; make its third line `%saccepted_x.c`, with a file of the same "
                         "folder",
                         edit->name, base_key);
    const struct line line = trimmed(own->line[BASE_LINE]);
    const size_t skip = strlen(base_key);
    snprintf(edit->base, sizeof edit->base, "%.*s", (int)(line.length > skip ? line.length - skip : 0),
             line.text + skip);
    if (edit_is(edit->base))
        return error_set(err, ERROR_CHALLENGE,
                         "%s edits %s, which is itself an edit; name the C file that this one edits", edit->name,
                         edit->base);
    if (!edit_is_solution(edit->base) || strchr(edit->base, '/') != NULL)
        return error_set(err, ERROR_CHALLENGE, "%s edits '%s'; name a C file of the same folder, without a path",
                         edit->name, edit->base);
    return 0;
}

static int open_base(struct making *making, const char *path, struct error *err) {
    char base[PATH_BYTES];
    const char *slash = strrchr(path, '/');
    snprintf(base, sizeof base, "%.*s%s", slash != NULL ? (int)(slash - path) + 1 : 0, path, making->edit->base);
    struct error why;
    if (file_open(base, &making->base, &why) == 0)
        return 0;
    return error_set(err, why.owner == ERROR_USER ? ERROR_CHALLENGE : why.owner,
                     "%s edits %s, which cannot be read (%.700s); mend its third line", making->edit->name,
                     making->edit->base, why.text);
}

static int blame_marker(const struct making *making, size_t i, enum section section, struct error *err) {
    static const char *const state[MARKERS] = {[OUTSIDE] = "outside of every block",
                                               [OLD] = "among the old lines of a block",
                                               [NEW] = "among the new lines of a block"};
    return error_set(err, ERROR_CHALLENGE,
                     "%s:%zu, block %zu: `%.*s` stands %s, where only `%s` can; a block is %s, "
                     "old lines, %s, new lines, %s",
                     making->edit->name, i + 1, making->block_count + (section == OUTSIDE),
                     (int)making->own.line[i].length, making->own.line[i].text, state[section], marker[section],
                     marker[OUTSIDE], marker[OLD], marker[NEW]);
}

static void take_marker(struct making *making, enum section section, size_t i) {
    struct block *block = &making->block[making->block_count - (section != OUTSIDE)];
    if (section == OUTSIDE) {
        *block = (struct block){.begin = i, .old_begin = i + 1};
        making->block_count++;
    } else if (section == OLD) {
        block->old_count = i - block->old_begin;
        block->new_begin = i + 1;
    } else {
        block->new_count = i - block->new_begin;
    }
}

static int find_blocks(struct making *making, struct error *err) {
    const struct file *own = &making->own;
    const char *name = making->edit->name;
    enum section section = OUTSIDE;
    making->block = calloc(own->count, sizeof *making->block);
    if (making->block == NULL)
        return error_errno(err, "no memory for the blocks of %s", name);
    for (size_t i = 0; i < own->count; i++) {
        int m = 0;
        while (m < MARKERS && !is_text(&own->line[i], marker[m]))
            m++;
        if (m == MARKERS && section == OUTSIDE && !begins_with(&own->line[i], "//") && !is_blank(&own->line[i]))
            return error_set(err, ERROR_CHALLENGE,
                             "%s:%zu stands outside of every block; put it between markers, or make it a // comment",
                             name, i + 1);
        if (m == MARKERS)
            continue;
        if (m != (int)section)
            return blame_marker(making, i, section, err);
        take_marker(making, section, i);
        section = (enum section)((section + 1) % MARKERS);
    }
    if (section != OUTSIDE)
        return error_set(err, ERROR_CHALLENGE, "%s, block %zu: what begins in line %zu has no `%s`; add the line", name,
                         making->block_count, making->block[making->block_count - 1].begin + 1, marker[section]);
    if (making->block_count == 0)
        return error_set(err, ERROR_CHALLENGE,
                         "%s holds no block, so it changes nothing; add %s, old lines, %s, new lines, %s", name,
                         marker[OUTSIDE], marker[OLD], marker[NEW]);
    return 0;
}

static bool same_lines(const struct line *a, const struct line *b, size_t count, bool trim) {
    for (size_t i = 0; i < count; i++) {
        const struct line x = trim ? trimmed(a[i]) : a[i], y = trim ? trimmed(b[i]) : b[i];
        if (x.length != y.length || memcmp(x.text, y.text, x.length) != 0)
            return false;
    }
    return true;
}

/* The first place at or after `from`, or SIZE_MAX. The first line of a base is its own promise, which nobody edits. */
static size_t find_lines(const struct file *base, const struct line *wanted, size_t count, size_t from, bool trim) {
    for (size_t i = from; i + count <= base->count; i++)
        if (same_lines(&base->line[i], wanted, count, trim))
            return i;
    return SIZE_MAX;
}

static int blame_missing(const struct making *making, size_t number, const struct block *block, struct error *err) {
    const struct edit *edit = making->edit;
    const size_t near = find_lines(&making->base, &making->own.line[block->old_begin], block->old_count, 1, true);
    char hint[80] = "";
    if (near != SIZE_MAX)
        snprintf(hint, sizeof hint, " (line %zu there differs in white space only)", near + 1);
    return error_set(err, ERROR_CHALLENGE,
                     "%s:%zu, block %zu: its old lines are not in %s%s; copy whole lines from there, to the letter",
                     edit->name, block->begin + 1, number, edit->base, hint);
}

static int claim(struct making *making, size_t number, struct block *block, struct error *err) {
    const struct edit *edit = making->edit;
    const struct line *old = &making->own.line[block->old_begin], *new = &making->own.line[block->new_begin];
    struct file *base = &making->base;
    if (block->old_count == 0)
        return error_set(err, ERROR_CHALLENGE,
                         "%s:%zu, block %zu: it has no old lines; to add lines, name the one before and repeat it",
                         edit->name, block->begin + 1, number);
    if (block->old_count == block->new_count && same_lines(old, new, block->old_count, false))
        return error_set(err, ERROR_CHALLENGE, "%s:%zu, block %zu: old and new lines are the same; change something",
                         edit->name, block->begin + 1, number);
    block->place = find_lines(base, old, block->old_count, 1, false);
    if (block->place == SIZE_MAX)
        return blame_missing(making, number, block, err);
    const size_t again = find_lines(base, old, block->old_count, block->place + 1, false);
    if (again != SIZE_MAX)
        return error_set(err, ERROR_CHALLENGE,
                         "%s:%zu, block %zu: its old lines stand in %s twice, at lines %zu and %zu; add lines around "
                         "them until they are there once",
                         edit->name, block->begin + 1, number, edit->base, block->place + 1, again + 1);
    for (size_t i = block->place; i < block->place + block->old_count; i++) {
        if (base->block[i] != 0)
            return error_set(err, ERROR_CHALLENGE,
                             "%s:%zu, block %zu: line %zu of %s is changed by block %zu already; make one of the two",
                             edit->name, block->begin + 1, number, i + 1, edit->base, base->block[i]);
        base->block[i] = number;
    }
    return 0;
}

static void put_line(struct edit *edit, FILE *out, const struct line *line, bool from_edit, size_t index) {
    fwrite(line->text, 1, line->length, out);
    fputc('\n', out);
    edit->origin[edit->line_count++] = (struct edit_origin){.from_edit = from_edit, .line = (int)index + 1};
}

static int weave(struct making *making, struct error *err) {
    struct edit *edit = making->edit;
    const struct file *own = &making->own, *base = &making->base;
    FILE *out = open_memstream(&edit->text, &edit->size);
    edit->origin = calloc(own->count + base->count + 1, sizeof *edit->origin);
    if (out == NULL || edit->origin == NULL) {
        if (out != NULL)
            fclose(out);
        return error_errno(err, "no memory to make what %s describes", edit->name);
    }
    put_line(edit, out, &own->line[0], true, 0);
    for (size_t i = 1; i < base->count; i++) {
        const struct block *block = base->block[i] != 0 ? &making->block[base->block[i] - 1] : NULL;
        if (block == NULL)
            put_line(edit, out, &base->line[i], false, i);
        for (size_t k = 0; block != NULL && block->place == i && k < block->new_count; k++)
            put_line(edit, out, &own->line[block->new_begin + k], true, block->new_begin + k);
    }
    return fclose(out) == 0 ? 0 : error_errno(err, "no memory to make what %s describes", edit->name);
}

static int make(struct making *making, const char *path, struct error *err) {
    if (file_open(path, &making->own, err) != 0 || find_base(making, err) != 0 || open_base(making, path, err) != 0 ||
        find_blocks(making, err) != 0)
        return -1;
    for (size_t b = 0; b < making->block_count; b++)
        if (claim(making, b + 1, &making->block[b], err) != 0)
            return -1;
    return weave(making, err);
}

int edit_read(const char *path, struct edit *edit, struct error *err) {
    struct making making = {.edit = edit};
    const char *slash = strrchr(path, '/');
    *edit = (struct edit){0};
    snprintf(edit->name, sizeof edit->name, "%s", slash != NULL ? slash + 1 : path);
    const int status = make(&making, path, err);
    file_release(&making.own);
    file_release(&making.base);
    free(making.block);
    if (status != 0)
        edit_release(edit);
    return status;
}

void edit_release(struct edit *edit) {
    free(edit->text);
    free(edit->origin);
    *edit = (struct edit){0};
}

int edit_write(const struct edit *edit, const char *folder, char *path, size_t size, struct error *err) {
    const int stem = (int)(strlen(edit->name) - strlen(suffix));
    snprintf(path, size, "%s/%.*s.c", folder, stem, edit->name);
    return scratch_write(path, edit->text, edit->size, err);
}

void edit_place(const struct edit *edit, int line, char *place, size_t size) {
    const bool known = line >= 1 && (size_t)line <= edit->line_count;
    const struct edit_origin *origin = known ? &edit->origin[line - 1] : NULL;
    if (origin == NULL)
        snprintf(place, size, "%s", edit->name);
    else
        snprintf(place, size, "%s:%d", origin->from_edit ? edit->name : edit->base, origin->line);
}
