/* SPDX-License-Identifier: MIT */
/* See finder.h: from arguments to files. Everything below an argument may be somebody's who wishes no good, so links
 * are not followed, depth and numbers are bounded, and whatever cannot be used is a task with a problem or a note. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/batch/archive.h"
#include "harness/batch/finder.h"
#include "harness/heap.h"
#include "harness/text_escape.h"

enum {
    DEPTH_MAX = 32,
    ARCHIVES_DEEP = 2,
    PERSON_FILES_MAX = 1000,
    PERSON_ENTRIES_MAX = 100000,
    PERSON_ARCHIVES_MAX = 50 /* each may fill a part of the disk, and take its time */
};

/* One folder on the way. */
struct place {
    const char *path, *shown;
    const char *person; /* NULL: the folder of all people */
    const char *inside; /* "week2/" */
    int depth, archives;
    size_t *files, *entries, *unpacked; /* of this person, to say no in time */
};

void finder_note(struct submissions *list, const char *format, ...) {
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    if (text == NULL)
        return;
    list->note = heap_resize(list->note, list->note_count + 1, sizeof list->note[0]);
    list->note[list->note_count++] = text;
}

void finder_release(struct finder *finder) {
    for (size_t i = 0; i < finder->count; i++) {
        struct found *f = &finder->found[i];
        char *const text[] = {f->key, f->person, f->part, f->inside, f->path, f->shown, f->problem};
        for (size_t k = 0; k < sizeof text / sizeof text[0]; k++)
            free(text[k]);
    }
    free(finder->found);
    *finder = (struct finder){0};
}

static char *copy(const char *text) {
    return heap_copy(text, strlen(text));
}

/* What parts a person from the rest in the name of a flat file: ours, and that of Moodle's downloads. */
static const char *const PARTS[] = {"__", "_assignsubmission_file_"};

/* The person that a name begins with, or NULL; `*rest` is what stands behind. The caller frees. */
static char *person_of(const char *name, const char **rest) {
    for (size_t i = sizeof PARTS / sizeof PARTS[0]; i-- > 0;) {
        const char *at = strstr(name, PARTS[i]);
        if (at == NULL || at == name)
            continue;
        *rest = at + strlen(PARTS[i]);
        return heap_copy(name, (size_t)(at - name));
    }
    return NULL;
}

/* The name of a file without its ending; of "class.tar.gz" too. The caller frees. */
static char *stem_of(const char *name) {
    const char *slash = strrchr(name, '/');
    char *stem = copy(slash != NULL ? slash + 1 : name);
    char *dot = strrchr(stem, '.');
    if (dot != NULL && dot > stem)
        *dot = '\0';
    dot = strrchr(stem, '.');
    if (dot != NULL && dot > stem && strcmp(dot, ".tar") == 0)
        *dot = '\0';
    return stem;
}

static struct found *add(struct finder *finder, const char *person, const char *path, const char *shown,
                         const char *inside) {
    finder->found = heap_resize(finder->found, finder->count + 1, sizeof finder->found[0]);
    struct found *f = &finder->found[finder->count++];
    *f = (struct found){.person = copy(person), .path = copy(path), .shown = text_escape(shown, strlen(shown), true)};
    f->inside = copy(inside);
    f->key = heap_format("p:%s", person);
    return f;
}

static void add_flat(struct finder *finder, const char *path, const char *shown, const char *name) {
    const char *rest = NULL;
    char *stem = stem_of(name), *person = person_of(stem, &rest);
    struct found *f = add(finder, person != NULL ? person : stem, path, shown, name);
    f->nobody = person == NULL;
    f->part = person != NULL ? copy(rest) : NULL;
    if (person == NULL) {
        free(f->key);
        f->key = heap_format("f:%s", shown);
    }
    free(person);
    free(stem);
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Hidden files, what macOS puts into archives, and the C files that CMake compiles to look at the compiler. */
static int is_wanted(const struct dirent *entry) {
    return entry->d_name[0] != '.' && strcmp(entry->d_name, "__MACOSX") != 0 &&
           strcmp(entry->d_name, "CMakeFiles") != 0;
}

static void walk_folder(struct finder *finder, const struct place *place);

/* A folder of its own that only we can enter: what others handed in is nobody's business. NULL when there is none. */
static char *make_room(struct finder *finder, struct error *err) {
    struct scratch *scratch = &finder->list->unpacked;
    if (scratch->path[0] == '\0' && scratch_open(scratch, err) != 0)
        return NULL;
    char *path = heap_format("%s/unpacked-%zu", scratch->path, finder->unpacked++);
    if (mkdir(path, 0700) == 0)
        return path;
    error_errno(err, "cannot create the folder %s (is the disk full? TMPDIR names another place)", path);
    free(path);
    return NULL;
}

/* A file that only is what its name says is often wrapped in one folder of the same name. */
static char *unwrap(char *room, const char *stem) {
    struct dirent **entry = NULL;
    struct stat info;
    int count = scandir(room, &entry, is_wanted, by_name);
    char *inner = count == 1 && strcmp(entry[0]->d_name, stem) == 0 ? heap_format("%s/%s", room, stem) : NULL;
    for (int i = 0; i < count; i++)
        free(entry[i]);
    free(entry);
    if (inner == NULL || lstat(inner, &info) != 0 || !S_ISDIR(info.st_mode)) {
        free(inner);
        return room;
    }
    free(room);
    return inner;
}

char *finder_told(const char *text, const char *path, const char *shown) {
    struct heap_text into;
    heap_text_open(&into);
    for (const char *at; path[0] != '\0' && (at = strstr(text, path)) != NULL; text = at + strlen(path))
        fprintf(into.stream, "%.*s%s", (int)(at - text), text, shown);
    fputs(text, into.stream);
    return heap_text_take(&into, NULL);
}

/* Somebody's archive: a bad one is this person's problem alone. */
static void walk_archive(struct finder *finder, const struct place *place) {
    struct error error;
    if (++*place->unpacked > PERSON_ARCHIVES_MAX) {
        if (*place->unpacked == PERSON_ARCHIVES_MAX + 1)
            finder_note(finder->list, "'%s' and other archives of '%s' were passed over: there are more than %d.",
                        place->shown, place->person, PERSON_ARCHIVES_MAX);
        return;
    }
    char *room = make_room(finder, &error), *inside = heap_format("%s/", place->inside);
    if (room == NULL || archive_unpack(place->path, ARCHIVE_OF_PERSON, room, &error) != 0) {
        finder->failed |= error.owner == ERROR_HARNESS;
        finder->fault = error.owner == ERROR_HARNESS ? error : finder->fault;
        struct found *f = add(finder, place->person, place->path, place->shown, place->inside);
        f->problem = finder_told(error.text, place->path, f->shown);
    } else {
        struct place within = *place;
        within.path = room;
        within.inside = inside;
        within.archives++;
        walk_folder(finder, &within);
    }
    free(inside);
    free(room);
}

/* Below the folder of all people begins somebody's own. */
static void walk_person(struct finder *finder, struct place *place, const char *name, bool archive) {
    const char *rest;
    size_t files = 0, entries = 0, unpacked = 0, before = finder->count;
    char *stem = archive ? stem_of(name) : copy(name);
    char *person = person_of(stem, &rest);
    place->person = person != NULL && (archive || *rest == '\0') ? person : stem;
    place->files = &files;
    place->entries = &entries;
    place->unpacked = &unpacked;
    if (archive)
        walk_archive(finder, place);
    else
        walk_folder(finder, place);
    if (finder->count == before)
        finder_note(finder->list, "There is no C file in '%s', so there is nothing to grade of it.", place->shown);
    free(person);
    free(stem);
}

/* True when this person has handed in more than anybody can read. */
static bool too_many(struct finder *finder, const struct place *place) {
    if (place->person == NULL || (*place->files < PERSON_FILES_MAX && *place->entries < PERSON_ENTRIES_MAX))
        return false;
    if (*place->files <= PERSON_FILES_MAX && *place->entries <= PERSON_ENTRIES_MAX)
        finder_note(finder->list, "'%s' holds more than %d C files or %d files of any kind; the rest was passed over.",
                    place->shown, PERSON_FILES_MAX, PERSON_ENTRIES_MAX);
    *place->files = PERSON_FILES_MAX + 1;
    *place->entries = PERSON_ENTRIES_MAX + 1;
    return true;
}

static void walk_file(struct finder *finder, const struct place *file, const char *name) {
    struct place place = *file;
    if (archive_is_source(name) && place.person == NULL) {
        add_flat(finder, place.path, place.shown, name);
    } else if (archive_is_source(name)) {
        ++*place.files;
        add(finder, place.person, place.path, place.shown, place.inside);
    } else if (archive_is_named(name) && place.archives < ARCHIVES_DEEP) {
        if (place.person == NULL)
            walk_person(finder, &place, name, true);
        else
            walk_archive(finder, &place);
    }
}

static void walk_entry(struct finder *finder, const struct place *around, const char *name) {
    struct stat info;
    char *path = heap_format("%s/%s", around->path, name), *shown = heap_format("%s/%s", around->shown, name);
    char *inside = around->person == NULL ? copy("") : heap_format("%s%s", around->inside, name);
    struct place place = *around;
    place.path = path;
    place.shown = shown;
    place.inside = inside;
    if (lstat(path, &info) != 0 || too_many(finder, around))
        info.st_mode = 0; /* of no kind */
    if (S_ISLNK(info.st_mode)) {
        finder_note(finder->list, "'%s' is a symbolic link, which is not followed.", shown);
    } else if (S_ISREG(info.st_mode)) {
        if (place.person != NULL)
            ++*place.entries;
        else if (archive_is_named(name))
            place.inside = name;
        walk_file(finder, &place, name);
    } else if (S_ISDIR(info.st_mode) && place.depth < DEPTH_MAX) {
        char *below = heap_format("%s%s", inside, inside[0] != '\0' ? "/" : "");
        place.inside = below;
        place.depth++;
        if (place.person == NULL)
            walk_person(finder, &place, name, false);
        else
            walk_folder(finder, &place);
        free(below);
    }
    free(inside);
    free(shown);
    free(path);
}

static void walk_folder(struct finder *finder, const struct place *place) {
    struct dirent **entry = NULL;
    int count = scandir(place->path, &entry, is_wanted, by_name);
    if (count < 0)
        finder_note(finder->list, "'%s' cannot be read: %s; what is in it is not graded.", place->shown,
                    strerror(errno));
    for (int i = 0; i < count; i++) {
        walk_entry(finder, place, entry[i]->d_name);
        free(entry[i]);
    }
    free(entry);
}

static int walk_class_archive(struct finder *finder, const char *argument, struct error *err) {
    char *room = make_room(finder, err), *stem = stem_of(argument);
    int status = -1;
    if (room != NULL && archive_unpack(argument, ARCHIVE_OF_CLASS, room, err) == 0) {
        room = unwrap(room, stem);
        walk_folder(finder, &(struct place){.path = room, .shown = argument, .inside = ""});
        status = 0;
    }
    free(stem);
    free(room);
    return status;
}

int finder_walk(struct finder *finder, const char *argument, struct error *err) {
    struct stat info;
    char *shown = copy(argument);
    for (size_t length = strlen(shown); length > 1 && shown[length - 1] == '/';)
        shown[--length] = '\0';
    int status = 0;
    if (stat(argument, &info) != 0) {
        const int code = errno;
        status = code == ENOENT
                     ? error_set(err, ERROR_USER,
                                 "there is no '%s'; name a folder of submissions, an archive or C files.", argument)
                     : error_set(err, ERROR_USER, "cannot read '%s': %s.", argument, strerror(code));
    } else if (S_ISDIR(info.st_mode)) {
        DIR *folder = opendir(argument);
        if (folder == NULL)
            status = error_set(err, ERROR_USER, "cannot read the folder '%s': %s.", argument, strerror(errno));
        else
            closedir(folder);
        if (status == 0)
            walk_folder(finder, &(struct place){.path = shown, .shown = shown, .inside = ""});
    } else if (!S_ISREG(info.st_mode)) {
        status = error_set(err, ERROR_USER, "'%s' is neither a folder nor a file.", argument);
    } else if (!archive_is_source(argument) && (archive_is_named(argument) || archive_is(argument))) {
        status = walk_class_archive(finder, argument, err);
    } else {
        const char *slash = strrchr(shown, '/');
        add_flat(finder, shown, shown, slash != NULL ? slash + 1 : shown);
    }
    free(shown);
    if (status == 0 && finder->failed)
        return error_set(err, ERROR_HARNESS, "%s", finder->fault.text);
    return status;
}
