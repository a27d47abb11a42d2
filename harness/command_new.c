/* SPDX-License-Identifier: MIT */
/* harness new ID [DIR]: a complete challenge to begin with: a copy of one that is proven, under a name of its own.
 *
 * An id is spelled in three ways in a pack: center-rows (the folder, the header), center_rows (the function) and
 * CENTER_ROWS (the include guard); all three are replaced, in texts and in file names. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/locate.h"
#include "grader/scratch.h"
#include "harness/command.h"
#include "harness/heap.h"
#include "harness/outcome.h"
#include "harness/packs.h"
#include "harness/text_escape.h"

enum { FILE_BYTES = 4 << 20, SPELLINGS = 3, ID_MAX = 40 };

static const char first_pack[] = "center-rows";

struct names {
    char *from[SPELLINGS], *to[SPELLINGS];
};

static char *spell(const char *id, int spelling) {
    char *text = heap_copy(id, strlen(id));
    for (char *at = text; *at != '\0' && spelling > 0; at++) {
        if (*at == '-')
            *at = '_';
        if (spelling > 1)
            *at = (char)toupper((unsigned char)*at);
    }
    return text;
}

static void names_make(struct names *names, const char *from, const char *to) {
    for (int i = 0; i < SPELLINGS; i++) {
        names->from[i] = spell(from, i);
        names->to[i] = spell(to, i);
    }
}

static void names_release(struct names *names) {
    for (int i = 0; i < SPELLINGS; i++) {
        free(names->from[i]);
        free(names->to[i]);
    }
}

static char *replace(const struct names *names, const char *text) {
    struct heap_text into;
    heap_text_open(&into);
    while (*text != '\0') {
        int i = 0;
        while (i < SPELLINGS && strncmp(text, names->from[i], strlen(names->from[i])) != 0)
            i++;
        fputs(i < SPELLINGS ? names->to[i] : (char[]){*text, '\0'}, into.stream);
        text += i < SPELLINGS ? strlen(names->from[i]) : 1;
    }
    return heap_text_take(&into, NULL);
}

static int check_id(const char *id, struct error *err) {
    const size_t length = strlen(id);
    bool good = length >= 2 && length <= ID_MAX && islower((unsigned char)id[0]) && id[length - 1] != '-';
    for (size_t i = 0; i < length && good; i++)
        good = islower((unsigned char)id[i]) || isdigit((unsigned char)id[i]) || (id[i] == '-' && id[i - 1] != '-');
    return good ? 0
                : error_set(err, ERROR_USER,
                            "'%s' cannot be the id of a challenge; it is 2 to %d small letters, digits and single "
                            "dashes, a letter first, as in rms-norm.",
                            id, ID_MAX);
}

static int write_new(const char *path, const char *text, struct error *err) {
    FILE *out = fopen(path, "wx");
    bool good = out != NULL && fputs(text, out) >= 0;
    if (out != NULL && fclose(out) != 0)
        good = false;
    return good ? 0 : error_set(err, ERROR_HARNESS, "cannot write '%s': %s", path, strerror(errno));
}

static int copy_file(const struct names *names, const char *from, const char *to, struct error *err) {
    char *text = NULL;
    size_t size;
    if (scratch_read(from, FILE_BYTES, &text, &size, err) != 0)
        return -1;
    char *changed = replace(names, text);
    const int status = write_new(to, changed, err);
    free(changed);
    free(text);
    return status;
}

/* One folder and those inside it; what is neither a file nor a folder does not belong to a pack. */
static int copy_folder(const struct names *names, const char *from, const char *to, struct error *err) {
    if (mkdir(to, 0777) != 0)
        return error_set(err, ERROR_USER, "cannot make the folder '%s': %s; name one inside a folder that exists.", to,
                         strerror(errno));
    DIR *stream = opendir(from);
    int status = stream == NULL ? error_errno(err, "cannot read the folder '%s'", from) : 0;
    for (struct dirent *entry; status == 0 && (entry = readdir(stream)) != NULL;) {
        struct stat seen;
        if (entry->d_name[0] == '.')
            continue;
        char *name = replace(names, entry->d_name), *source = heap_format("%s/%s", from, entry->d_name),
             *target = heap_format("%s/%s", to, name);
        if (stat(source, &seen) == 0 && S_ISREG(seen.st_mode))
            status = copy_file(names, source, target, err);
        else if (stat(source, &seen) == 0 && S_ISDIR(seen.st_mode))
            status = copy_folder(names, source, target, err);
        free(target);
        free(source);
        free(name);
    }
    if (stream != NULL)
        closedir(stream);
    return status;
}

/* Beside the harness's own packs the schema is one folder up; elsewhere only its whole path finds it. */
static int point_to_schema(const char *folder, const char *pack, struct error *err) {
    static const char relative[] = "\"../challenge.schema.json\"", hidden[] = "\"../hidden.schema.json\"";
    static const char *const file[] = {"challenge.json", "hidden.json"}, *const old[] = {relative, hidden};
    struct locate_parts parts;
    char *near = heap_format("%s/challenge.schema.json", folder);
    const bool there = access(near, R_OK) == 0;
    free(near);
    if (there)
        return 0;
    int status = locate_find(&parts, err);
    for (size_t i = 0; i < 2 && status == 0; i++) {
        char *path = heap_format("%s/%s", pack, file[i]), *text = NULL;
        size_t size;
        if (scratch_read(path, FILE_BYTES, &text, &size, NULL) == 0 && strstr(text, old[i]) != NULL) {
            char *at = strstr(text, old[i]);
            char *changed = heap_format("%.*s\"%s/%s%s", (int)(at - text), text, parts.challenges,
                                        old[i] + strlen("\"../"), at + strlen(old[i]));
            status = scratch_write(path, changed, strlen(changed), err);
            free(changed);
        }
        free(text);
        free(path);
    }
    return status;
}

static int make(const struct pack *pack, const char *id, const char *folder, const char *target, struct error *err) {
    struct names names;
    struct stat seen;
    if (lstat(target, &seen) == 0)
        return error_set(err, ERROR_USER,
                         "'%s' is there already, and nothing was changed; choose another id or folder.", target);
    names_make(&names, pack->id, id);
    int status = copy_folder(&names, pack->directory, target, err);
    if (status == 0)
        status = point_to_schema(folder, target, err);
    names_release(&names);
    if (status != 0)
        scratch_remove_tree(target);
    return status;
}

int command_new(const struct options *options, const volatile int *cancel) {
    (void)cancel;
    struct packs packs = PACKS_INIT;
    const struct pack *pack = NULL;
    struct error error;
    const char *id = options->argument[0], *folder = options->argument_count > 1 ? options->argument[1] : ".";
    char *target = heap_format("%s/%s", folder, id);
    int status = check_id(id, &error);
    if (status == 0)
        status = packs_find(options->folder, options->folder_count, &packs, &error);
    if (status == 0)
        status = packs_need(&packs, options->from != NULL ? options->from : first_pack, &pack, &error);
    if (status == 0)
        status = make(pack, id, folder, target, &error);
    if (status == 0) {
        char *word = text_shell(target);
        fprintf(stderr,
                "Copied %s under the name %s: it is complete and proven, so change one thing at a time.\n"
                "Prove it after each: harness check %s\n",
                pack->id, id, word);
        printf("%s\n", target);
        free(word);
    }
    free(target);
    packs_release(&packs);
    return status == 0 ? EXIT_ACCEPTED : command_fail(&error);
}
