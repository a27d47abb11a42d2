/* SPDX-License-Identifier: MIT */
/* Cases: a case is resolved step by step until nothing of JSON is left in it. */
#include <stdlib.h>
#include <string.h>

#include "grader/names.h"
#include "grader/spec_load.h"

static const struct json_key case_keys[] = {
    {.name = "name", .type = JSON_TEXT, .required = true, .low = 1, .high = 48, .form = &spec_form_name},
    {.name = "catches", .type = JSON_TEXT, .required = true, .low = 1, .high = 200},
    {.name = "gate", .type = JSON_TEXT},
    {.name = "entry", .type = JSON_TEXT},
    {.name = "sizes", .type = JSON_OBJECT, .required = true},
    {.name = "scalars", .type = JSON_OBJECT},
    {.name = "family", .type = JSON_TEXT, .low = 1, .high = 60},
    {.name = "fill", .type = JSON_OBJECT},
    {.name = "null", .type = JSON_LIST},
    {.name = "generate", .type = JSON_TEXT, .low = 1, .high = 48, .form = &spec_form_identifier},
    {.name = "strict_denormal", .type = JSON_FLAG},
    {.name = "contents", .type = JSON_WHOLE, .low = 1, .high = SPEC_CONTENTS_MAX},
    {.name = "stages", .type = JSON_LIST, .low = 1, .high = SPEC_STAGES_MAX},
    {.name = "no_power", .type = JSON_TEXT, .low = 1, .high = 200},
};
static const struct json_table case_table = {
    .what = "a case", .key = case_keys, .count = sizeof case_keys / sizeof *case_keys};

static int read_entry(const struct spec_loader *loader, const struct json_place *at, struct spec_case *c,
                      struct error *err) {
    const struct spec *spec = loader->spec;
    const char *words[SPEC_ENTRIES_MAX];

    c->entry = 0;
    if (spec->entry_count == 1 && json_member(at, "entry").node == NULL) {
        return 0;
    }
    for (size_t e = 0; e < spec->entry_count; e++) {
        words[e] = spec->entry[e].name;
    }
    return json_choice(at, "entry", words, spec->entry_count, &c->entry, err);
}

static int read_nulls(const struct spec_loader *loader, const struct json_place *at, struct spec_case *c,
                      struct error *err) {
    static const struct json_key text = {.type = JSON_TEXT, .low = 1, .high = 60};
    const struct spec_entry *entry = &loader->spec->entry[c->entry];
    struct json_place list = json_member(at, "null");
    const char *known[SPEC_ARGUMENTS_MAX];
    const cJSON *node;
    size_t index = 0, count = 0;

    for (size_t a = 0; a < entry->argument_count; a++) {
        if (entry->argument[a].nullable) {
            known[count++] = entry->argument[a].name;
        }
    }
    cJSON_ArrayForEach(node, list.node) {
        struct json_place item = json_item(&list, node, index++);
        if (json_check_value(&item, &text, err) != 0) {
            return -1;
        }
        size_t a = spec_find_argument(entry, node->valuestring);
        if (a == SPEC_ARGUMENTS_MAX) {
            const char *near = names_nearest(node->valuestring, known, count);
            return json_error(&item, err, "is '%s', which is not an argument of '%s'; %s%s%s", node->valuestring,
                              entry->name, near != NULL ? "did you mean '" : "remove it", near != NULL ? near : "",
                              near != NULL ? "'?" : ".");
        }
        if (!entry->argument[a].nullable) {
            return json_error(&item, err,
                              "is '%s', which may not be NULL; give that input \"nullable\": true, or "
                              "remove it here.",
                              node->valuestring);
        }
        c->null[a] = true;
    }
    return 0;
}

/* The fills that a case sets itself have to be for arguments that its entry has. */
static int check_own_fills(const struct spec_entry *entry, const struct json_place *fills, const struct spec_case *c,
                           struct error *err) {
    const char *known[SPEC_ARGUMENTS_MAX];
    const cJSON *node;
    size_t count = 0;

    for (size_t a = 0; a < entry->argument_count; a++) {
        if (spec_is_filled(&entry->argument[a])) {
            known[count++] = entry->argument[a].name;
        }
    }
    cJSON_ArrayForEach(node, fills->node) {
        struct json_place at = json_member(fills, node->string);
        size_t a = spec_find_argument(entry, node->string);
        if (a == SPEC_ARGUMENTS_MAX || !spec_is_filled(&entry->argument[a])) {
            const char *near = names_nearest(node->string, known, count);
            return json_error(&at, err, "is not an input or inout of '%s'; %s%s%s", entry->name,
                              near != NULL ? "did you mean '" : "remove it", near != NULL ? near : "",
                              near != NULL ? "'?" : ".");
        }
        if (c->null[a]) {
            return json_error(&at, err, "is a fill for what 'null' makes NULL; remove one of the two.");
        }
    }
    return 0;
}

/* The argument's own fill, under the family's, under the case's. */
static int read_fills(const struct spec_loader *loader, enum spec_file file, const struct json_place *at,
                      const struct json_place *family, struct spec_case *c, struct error *err) {
    const struct spec_entry *entry = &loader->spec->entry[c->entry];
    struct json_place own = json_member(at, "fill");
    struct spec_names names;

    if (check_own_fills(entry, &own, c, err) != 0) {
        return -1;
    }
    spec_case_names(loader->spec, c, &names);
    for (size_t a = 0; a < entry->argument_count; a++) {
        const struct spec_argument *argument = &entry->argument[a];
        if (!spec_is_filled(argument) || c->null[a]) {
            continue;
        }
        struct json_place fill = json_member(&own, argument->name);
        if (fill.node == NULL) {
            fill = json_member(family, argument->name);
        }
        if (fill.node == NULL) {
            fill = json_member(&loader->argument[c->entry][a], "fill");
        }
        if (fill.node == NULL) {
            return json_error(at, err,
                              "has no fill for '%s'; give the argument, the family or the case one, such as "
                              "{\"kind\": \"normal\"}.",
                              argument->name);
        }
        if (spec_read_fill(&fill, argument->type, &names, &c->fill[a], err) != 0) {
            return -1;
        }
        if (c->fill[a].kind == FILL_DATASET && spec_read_dataset(loader, file, &fill, c, a, err) != 0) {
            return -1;
        }
    }
    return 0;
}

int spec_read_case(const struct spec_loader *loader, enum spec_file file, const struct json_place *at,
                   const struct json_place *family_name, struct spec_case *c, struct error *err) {
    struct json_place family = {.file = at->file};

    if (family_name->node != NULL && spec_find_family(loader, file, family_name, &family, err) != 0) {
        return -1;
    }
    if (read_entry(loader, at, c, err) != 0 || spec_read_sizes(loader, at, c, err) != 0 ||
        spec_read_scalars(loader, at, c, err) != 0 || spec_read_shapes(loader, at, c, err) != 0 ||
        read_nulls(loader, at, c, err) != 0 || read_fills(loader, file, at, &family, c, err) != 0 ||
        spec_read_reductions(loader, c, err) != 0) {
        return -1;
    }
    c->hidden = file == SPEC_HIDDEN;
    c->strict_denormal = json_flag(at, "strict_denormal", false);
    c->contents = (unsigned)json_number(at, "contents", SPEC_CONTENTS_MAX);
    if (spec_copy(json_text(at, "no_power", NULL), &c->no_power, err) != 0 ||
        spec_copy(json_text(at, "generate", NULL), &c->generate, err) != 0) {
        return -1;
    }
    return spec_read_stages(loader, at, c, err);
}

void spec_case_release(struct spec_case *c) {
    free(c->name);
    free(c->catches);
    free(c->generate);
    free(c->no_power);
    for (size_t k = 0; k < c->stage_count; k++) {
        free(c->stage[k].generate);
    }
    free(c->stage);
}

int spec_refuse_name(const struct spec *spec, const struct json_place *at, const char *name, struct error *err) {
    bool taken = false;

    for (size_t i = 0; i < spec->case_count; i++) {
        taken = taken || (spec->cases[i].name != NULL && strcmp(spec->cases[i].name, name) == 0);
    }
    for (size_t i = 0; i < spec->timing_count; i++) {
        taken = taken || (spec->timing[i].name != NULL && strcmp(spec->timing[i].name, name) == 0);
    }
    return taken ? json_error(at, err, "is '%s', which another case or timing case has; rename one.", name) : 0;
}

static int add_case(struct spec_loader *loader, enum spec_file file, const struct json_place *at, struct error *err) {
    struct spec *spec = loader->spec;
    struct spec_case *c = &spec->cases[spec->case_count];

    if (json_check(at, &case_table, err) != 0) {
        return -1;
    }
    struct json_place name = json_member(at, "name"), family = json_member(at, "family");
    if (spec_refuse_name(spec, &name, name.node->valuestring, err) != 0) {
        return -1;
    }
    spec->case_count++;
    spec->hidden_count += file == SPEC_HIDDEN;
    if (spec_copy(name.node->valuestring, &c->name, err) != 0 ||
        spec_copy(json_text(at, "catches", NULL), &c->catches, err) != 0 ||
        spec_read_case_gate(spec, at, c, err) != 0) {
        return -1;
    }
    return spec_read_case(loader, file, at, &family, c, err);
}

/* A function that no case calls would be handed in, and never looked at. */
static int check_entries_used(const struct spec_loader *loader, struct error *err) {
    const struct spec *spec = loader->spec;
    struct json_place root = json_root(&loader->file[SPEC_PUBLIC]), list = json_member(&root, "entries");

    for (size_t e = 0; e < spec->entry_count; e++) {
        struct json_place at = json_item(&list, NULL, e);
        bool used = false;
        for (size_t i = 0; i < spec->case_count; i++) {
            used = used || spec->cases[i].entry == e;
        }
        if (!used) {
            return json_error(&at, err, "is '%s', which no case calls; add a case or remove the entry.",
                              spec->entry[e].name);
        }
    }
    return 0;
}

int spec_read_cases(struct spec_loader *loader, struct error *err) {
    struct json_place list[SPEC_FILES];
    size_t count = 0;

    for (int file = SPEC_PUBLIC; file < SPEC_FILES; file++) {
        struct json_place root = json_root(&loader->file[file]);
        list[file] = json_member(&root, "cases");
        count += (size_t)cJSON_GetArraySize(list[file].node);
    }
    loader->spec->cases = calloc(count, sizeof *loader->spec->cases);
    if (loader->spec->cases == NULL) {
        return error_errno(err, "no memory for the %zu cases of '%s'", count, loader->spec->id);
    }
    for (int file = SPEC_PUBLIC; file < SPEC_FILES; file++) {
        const cJSON *node;
        size_t index = 0;
        cJSON_ArrayForEach(node, list[file].node) {
            struct json_place at = json_item(&list[file], node, index++);
            if (add_case(loader, (enum spec_file)file, &at, err) != 0) {
                return -1;
            }
        }
    }
    return check_entries_used(loader, err);
}
