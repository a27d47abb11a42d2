/* SPDX-License-Identifier: MIT */
/* Loading a pack, step by step, and the small questions the later rooms ask about a case. */
#include "grader/spec.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "grader/spec_load.h"

int spec_copy(const char *text, char **copy, struct error *err) {
    *copy = text == NULL ? NULL : strdup(text);
    return text == NULL || *copy != NULL ? 0 : error_errno(err, "no memory to load a challenge");
}

int spec_copy_formula(const struct json_place *at, char **copy, struct error *err) {
    char number[40];

    if (cJSON_IsString(at->node)) {
        return spec_copy(at->node->valuestring, copy, err);
    }
    snprintf(number, sizeof number, "%.17g", at->node->valuedouble);
    return spec_copy(number, copy, err);
}

static bool is_file(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* `directory` as the user wrote it is what messages show; the absolute one is what is kept. */
static int open_files(struct spec_loader *loader, const char *directory, struct error *err) {
    static const char *const names[SPEC_FILES] = {[SPEC_PUBLIC] = "challenge.json", [SPEC_HIDDEN] = "hidden.json"};
    struct stat status;
    char path[PATH_MAX];

    loader->spec->directory = realpath(directory, NULL);
    if (loader->spec->directory != NULL && stat(loader->spec->directory, &status) == 0 && !S_ISDIR(status.st_mode)) {
        return error_set(err, ERROR_USER, "'%s' is not a folder; give the folder of a pack.", directory);
    }
    if (loader->spec->directory == NULL) {
        return error_set(err, ERROR_USER, "There is no challenge in '%s': %s; give the folder of a pack.", directory,
                         strerror(errno));
    }
    for (int file = SPEC_PUBLIC; file < SPEC_FILES; file++) {
        if ((size_t)snprintf(path, sizeof path, "%s/%s", directory, names[file]) >= sizeof path) {
            return error_set(err, ERROR_USER, "The path of a challenge is too long: '%.200s...'; move it.", directory);
        }
        if (file == SPEC_HIDDEN && stat(path, &status) != 0 && errno == ENOENT) {
            return 0;
        }
        if (json_read(path, ERROR_CHALLENGE, &loader->file[file], err) != 0) {
            return -1;
        }
    }
    loader->has_hidden = true;
    return 0;
}

static int check_files(struct spec_loader *loader, const char *directory, struct error *err) {
    char header[80], path[PATH_MAX];
    const struct {
        const char *name, *purpose;
    } files[] = {
        {.name = "README.md", .purpose = "the statement of the challenge"},
        {.name = header, .purpose = "the contract, with the prototype of each entry"},
        {.name = "reference.c", .purpose = "the oracle and the baseline"},
        {.name = "starter.c", .purpose = "what a candidate starts from"},
    };

    snprintf(header, sizeof header, "%s.h", loader->spec->id);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if ((size_t)snprintf(path, sizeof path, "%s/%s", directory, files[i].name) >= sizeof path || !is_file(path)) {
            return error_set(err, ERROR_CHALLENGE, "%s/%s is missing; every challenge needs it (%s).", directory,
                             files[i].name, files[i].purpose);
        }
    }
    return 0;
}

int spec_read(struct spec_loader *loader, struct error *err) {
    static int (*const steps[])(struct spec_loader *, struct error *) = {
        spec_read_head,  spec_read_gates,  spec_read_entries, spec_check_families,
        spec_read_cases, spec_check_gates, spec_read_timing,  spec_check_generators};

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (steps[i](loader, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int load(struct spec_loader *loader, const char *directory, struct error *err) {
    if (open_files(loader, directory, err) != 0 || spec_read(loader, err) != 0) {
        return -1;
    }
    return check_files(loader, directory, err);
}

int spec_load(const char *directory, struct spec **spec, struct error *err) {
    struct spec_loader *loader = calloc(1, sizeof *loader);
    char *shown = strdup(directory);
    int rc = -1;

    *spec = NULL;
    if (loader == NULL || shown == NULL || (loader->spec = calloc(1, sizeof *loader->spec)) == NULL) {
        error_errno(err, "no memory to load the challenge in '%s'", directory);
        goto out;
    }
    for (size_t length = strlen(shown); length > 1 && shown[length - 1] == '/'; length--) {
        shown[length - 1] = '\0';
    }
    rc = load(loader, shown, err);
    if (rc == 0) {
        *spec = loader->spec;
        loader->spec = NULL;
    }
out:
    if (loader != NULL) {
        for (int file = SPEC_PUBLIC; file < SPEC_FILES; file++) {
            json_release(&loader->file[file]);
        }
        spec_free(loader->spec);
    }
    free(loader);
    free(shown);
    return rc;
}

static void argument_release(struct spec_argument *argument) {
    free(argument->name);
    free(argument->group);
    free(argument->group_name);
    free(argument->insensitive);
    free(argument->tolerance.reduction);
    for (size_t i = 0; i < SPEC_RANK_MAX; i++) {
        free(argument->shape[i]);
    }
}

static void timing_release(struct spec_timing *timing) {
    free(timing->name);
    for (size_t i = 0; i < timing->family_count; i++) {
        spec_case_release(&timing->family[i]);
    }
    free(timing->family);
}

void spec_free(struct spec *spec) {
    if (spec == NULL) {
        return;
    }
    char *const texts[] = {spec->directory, spec->id,    spec->version,    spec->title,
                           spec->summary,   spec->track, spec->difficulty, spec->bound};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        free(texts[i]);
    }
    for (size_t k = 0; k < spec->gate_count; k++) {
        free(spec->gate[k].name);
        free(spec->gate[k].title);
    }
    for (size_t e = 0; e < spec->entry_count; e++) {
        free(spec->entry[e].name);
        for (size_t a = 0; a < SPEC_ARGUMENTS_MAX; a++) {
            argument_release(&spec->entry[e].argument[a]);
        }
    }
    for (size_t i = 0; i < spec->case_count; i++) {
        spec_case_release(&spec->cases[i]);
    }
    free(spec->cases);
    for (size_t i = 0; i < spec->timing_count; i++) {
        timing_release(&spec->timing[i]);
    }
    free(spec->timing);
    for (size_t i = 0; i < spec->dataset_count; i++) {
        dataset_close(spec->dataset[i]);
    }
    for (size_t i = 0; i < spec->library_count; i++) {
        free(spec->library[i]);
    }
    free(spec);
}

int64_t spec_case_count(const struct spec *spec, const struct spec_case *c, size_t a) {
    int64_t count = 1;

    for (size_t i = 0; i < spec->entry[c->entry].argument[a].rank; i++) {
        if (c->shape[a][i] == 0) {
            return 0;
        }
    }
    for (size_t i = 0; i < spec->entry[c->entry].argument[a].rank; i++) {
        count *= c->shape[a][i];
    }
    return count;
}

size_t spec_case_calls(const struct spec_case *c) {
    return c->stage_count > 0 ? c->stage_count : 1;
}

void spec_case_sizes(const struct spec *spec, const struct spec_case *c, char *text, size_t size) {
    const struct spec_entry *entry = &spec->entry[c->entry];
    size_t length = 0;

    if (size > 0) {
        text[0] = '\0';
    }
    for (size_t a = 0; a < entry->argument_count && length < size; a++) {
        if (entry->argument[a].role == SPEC_SIZE) {
            int wrote = snprintf(text + length, size - length, "%s%s=%.0f", length == 0 ? "" : " ",
                                 entry->argument[a].name, c->value[a]);
            length += wrote > 0 ? (size_t)wrote : 0;
        }
    }
    if (c->stage_count > 0 && length < size) {
        snprintf(text + length, size - length, "%sstages=%zu", length == 0 ? "" : " ", c->stage_count);
    }
}
