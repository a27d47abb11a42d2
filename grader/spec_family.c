/* SPDX-License-Identifier: MIT */
/* Families: named sets of fills that a case, or every content of a timed case, puts over the arguments' own. */
#include <string.h>

#include "grader/names.h"
#include "grader/spec_load.h"

enum { NAMES_MAX = SPEC_FILES * SPEC_FAMILIES_MAX, FAMILY_LENGTH_MAX = 60 };

static struct json_place families_of(const struct spec_loader *loader, enum spec_file file) {
    struct json_place root = json_root(&loader->file[file]);
    return json_member(&root, "families");
}

/* A family may be for several entries, so an argument of any entry will do. */
static int check_target(const struct spec *spec, const struct json_place *at, const char *name, struct error *err) {
    const char *known[SPEC_ENTRIES_MAX * SPEC_ARGUMENTS_MAX], *near;
    size_t count = 0;

    for (size_t e = 0; e < spec->entry_count; e++) {
        size_t a = spec_find_argument(&spec->entry[e], name);
        if (a < SPEC_ARGUMENTS_MAX && spec_is_filled(&spec->entry[e].argument[a])) {
            return 0;
        }
        for (a = 0; a < spec->entry[e].argument_count; a++) {
            if (spec_is_filled(&spec->entry[e].argument[a])) {
                known[count++] = spec->entry[e].argument[a].name;
            }
        }
    }
    near = names_nearest(name, known, count);
    return near != NULL ? json_error(at, err, "is not an input or inout of any entry; did you mean '%s'?", near)
                        : json_error(at, err, "is not an input or inout of any entry; remove it.");
}

static int check_family(const struct spec *spec, const struct json_place *at, struct error *err) {
    static const struct json_key object = {.type = JSON_OBJECT};
    const cJSON *node;

    if (json_check_value(at, &object, err) != 0) {
        return -1;
    }
    cJSON_ArrayForEach(node, at->node) {
        struct json_place fill = json_member(at, node->string);
        if (check_target(spec, &fill, node->string, err) != 0 || spec_check_fill(&fill, err) != 0) {
            return -1;
        }
    }
    return 0;
}

int spec_check_families(struct spec_loader *loader, struct error *err) {
    struct json_place public = families_of(loader, SPEC_PUBLIC);

    for (int file = SPEC_PUBLIC; file < SPEC_FILES; file++) {
        struct json_place families = families_of(loader, (enum spec_file)file);
        const cJSON *node;
        if (cJSON_GetArraySize(families.node) > SPEC_FAMILIES_MAX) {
            return json_error(&families, err, "has more than %d families; remove some.", SPEC_FAMILIES_MAX);
        }
        cJSON_ArrayForEach(node, families.node) {
            struct json_place at = json_member(&families, node->string);
            if (!spec_form_name.matches(node->string) || strlen(node->string) > FAMILY_LENGTH_MAX) {
                return json_error(&at, err, "is not a good name for a family; use up to %d %s.", FAMILY_LENGTH_MAX,
                                  spec_form_name.description);
            }
            if (file == SPEC_HIDDEN && json_member(&public, node->string).node != NULL) {
                return json_error(&at, err, "is a family of challenge.json already; rename it.");
            }
            if (check_family(loader->spec, &at, err) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

int spec_find_family(const struct spec_loader *loader, enum spec_file file, const struct json_place *name,
                     struct json_place *family, struct error *err) {
    const char *known[NAMES_MAX], *near, *wanted = name->node->valuestring;
    size_t count = 0;

    for (int f = SPEC_PUBLIC; f <= (int)file; f++) {
        struct json_place families = families_of(loader, (enum spec_file)f);
        const cJSON *node;
        *family = json_member(&families, wanted);
        if (family->node != NULL) {
            return 0;
        }
        cJSON_ArrayForEach(node, families.node) {
            known[count++] = node->string;
        }
    }
    near = names_nearest(wanted, known, count);
    if (near != NULL) {
        return json_error(name, err, "is '%s', which is not a family; did you mean '%s'?", wanted, near);
    }
    return json_error(name, err, "is '%s', which is not a family; add it to 'families'.", wanted);
}
