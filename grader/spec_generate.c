/* SPDX-License-Identifier: MIT */
/* The generators that cases name: generate_N of reference.c takes the arguments of one entry, and the call stub has
 * room for so many functions. Both are known once all the cases are read. */
#include <string.h>

#include "grader/spec_load.h"
#include "grader/stub.h"

struct generators {
    size_t count, room;
    const char *name[STUB_FUNCTIONS_MAX];
    size_t entry[STUB_FUNCTIONS_MAX];
};

/* `at` is the case or stage that `c` was read from. */
static int note(const struct spec *spec, const struct json_place *at, const struct spec_case *c,
                struct generators *known, struct error *err) {
    struct json_place place = json_member(at, "generate");

    if (c->generate == NULL) {
        return 0;
    }
    for (size_t i = 0; i < known->count; i++) {
        if (strcmp(known->name[i], c->generate) != 0) {
            continue;
        }
        if (known->entry[i] != c->entry) {
            return json_error(&place, err,
                              "is '%s', which is for '%s' already; give the generator of '%s' another name.",
                              c->generate, spec->entry[known->entry[i]].name, spec->entry[c->entry].name);
        }
        return 0;
    }
    if (known->count == known->room) {
        return json_error(&place, err, "is '%s', one generator too many; with these entries there may be %zu.",
                          c->generate, known->room);
    }
    known->name[known->count] = c->generate;
    known->entry[known->count++] = c->entry;
    return 0;
}

/* The stages of a case; one that is repeated stands in the file once. */
static int note_stages(const struct spec *spec, const struct json_place *at, const struct spec_case *c,
                       struct generators *known, struct error *err) {
    struct json_place list = json_member(at, "stages");
    const cJSON *node;
    size_t index = 0, next = 0;

    cJSON_ArrayForEach(node, list.node) {
        struct json_place item = json_item(&list, node, index++);
        if (note(spec, &item, &c->stage[next], known, err) != 0) {
            return -1;
        }
        next += (size_t)json_number(&item, "repeat", 1);
    }
    return 0;
}

static const struct spec_case *case_at(const struct spec *spec, size_t i) {
    return &spec->cases[i];
}

static const struct spec_case *timing_at(const struct spec *spec, size_t i) {
    return &spec->timing[i].family[0];
}

/* `*next` counts the cases of one kind over both files, in the order in which they were read. */
static int note_all(const struct spec *spec, const struct json_place *list,
                    const struct spec_case *(*at_index)(const struct spec *, size_t), size_t *next,
                    struct generators *known, struct error *err) {
    const cJSON *node;
    size_t index = 0;

    cJSON_ArrayForEach(node, list->node) {
        struct json_place at = json_item(list, node, index++);
        const struct spec_case *c = at_index(spec, (*next)++);
        if (note(spec, &at, c, known, err) != 0 || note_stages(spec, &at, c, known, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Its objective is one more function for the stub; so is what takes its measures. */
static bool has_gradient(const struct spec_entry *entry) {
    bool found = false;

    for (size_t a = 0; a < entry->argument_count; a++) {
        found = found || entry->argument[a].gradient;
    }
    return found;
}

int spec_check_generators(struct spec_loader *loader, struct error *err) {
    const struct spec *spec = loader->spec;
    struct json_place root = json_root(&loader->file[SPEC_PUBLIC]), hidden = json_root(&loader->file[SPEC_HIDDEN]);
    struct json_place timing = json_member(&root, "timing");
    struct json_place cases[] = {json_member(&root, "cases"), json_member(&hidden, "cases")};
    struct json_place timed[] = {json_member(&timing, "cases"), json_member(&hidden, "timing_cases")};
    struct generators known = {.room = STUB_FUNCTIONS_MAX - 2 * spec->entry_count};
    size_t next_case = 0, next_timing = 0;

    for (size_t e = 0; e < spec->entry_count; e++) {
        known.room -= (size_t)has_gradient(&spec->entry[e]) + (size_t)spec_has_measures(&spec->entry[e]);
    }
    for (size_t file = 0; file < SPEC_FILES; file++) {
        if (note_all(spec, &cases[file], case_at, &next_case, &known, err) != 0 ||
            note_all(spec, &timed[file], timing_at, &next_timing, &known, err) != 0) {
            return -1;
        }
    }
    return 0;
}
