/* SPDX-License-Identifier: MIT */
/* The timing of a pack: marks, threads, and the timed cases, each with one content for every family it names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/spec_load.h"
#include "grader/timing.h"

static const char *const cache_words[] = {"warm", "cold", NULL};

static const struct json_key timing_keys[] = {
    {.name = "threads", .type = JSON_WHOLE, .low = 1, .high = 64},
    {.name = "zero", .type = JSON_NUMBER, .low = 1e-6, .high = 1000},
    {.name = "full", .type = JSON_NUMBER, .low = 1e-6, .high = 1000},
    {.name = "cases", .type = JSON_LIST, .required = true, .low = 1, .high = SPEC_TIMING_MAX},
};
static const struct json_table timing_table = {
    .what = "the timing", .key = timing_keys, .count = sizeof timing_keys / sizeof *timing_keys};

static const struct json_key case_keys[] = {
    {.name = "name", .type = JSON_TEXT, .required = true, .low = 1, .high = 48, .form = &spec_form_name},
    {.name = "entry", .type = JSON_TEXT},
    {.name = "sizes", .type = JSON_OBJECT, .required = true},
    {.name = "scalars", .type = JSON_OBJECT},
    {.name = "fill", .type = JSON_OBJECT},
    {.name = "null", .type = JSON_LIST},
    {.name = "generate", .type = JSON_TEXT, .low = 1, .high = 48, .form = &spec_form_identifier},
    {.name = "families", .type = JSON_LIST, .low = 1, .high = TIMING_FAMILIES_MAX},
    {.name = "flops", .type = JSON_FORMULA, .required = true},
    {.name = "bytes", .type = JSON_FORMULA, .required = true},
    {.name = "cache", .type = JSON_TEXT, .words = cache_words},
};
static const struct json_table case_table = {
    .what = "a timing case", .key = case_keys, .count = sizeof case_keys / sizeof *case_keys};

static int read_work(const struct spec *spec, const struct json_place *at, const struct spec_case *c, const char *key,
                     double *value, struct error *err) {
    struct json_place formula = json_member(at, key);
    struct spec_names names;

    spec_case_names(spec, c, &names);
    if (spec_read_formula(&formula, &names, false, value, err) != 0) {
        return -1;
    }
    return *value >= 0 ? 0 : json_error(&formula, err, "is %.10g, but cannot be negative; use max().", *value);
}

/* "t2048:plain": no other case can have that name, because ':' is not allowed in one. */
static int read_family(const struct spec_loader *loader, enum spec_file file, const struct json_place *at,
                       const struct json_place *family, struct spec_case *c, struct error *err) {
    char name[120];

    snprintf(name, sizeof name, "%s%s%s", json_text(at, "name", ""), family->node == NULL ? "" : ":",
             family->node == NULL ? "" : family->node->valuestring);
    if (spec_copy(name, &c->name, err) != 0) {
        return -1;
    }
    return spec_read_case(loader, file, at, family, c, err);
}

static int read_families(const struct spec_loader *loader, enum spec_file file, const struct json_place *at,
                         struct spec_timing *timing, struct error *err) {
    static const struct json_key text = {.type = JSON_TEXT, .low = 1, .high = 60};
    struct json_place list = json_member(at, "families");
    size_t count = list.node == NULL ? 1 : (size_t)cJSON_GetArraySize(list.node);
    const cJSON *node;

    timing->family = calloc(count, sizeof *timing->family);
    if (timing->family == NULL) {
        return error_errno(err, "no memory for the timing cases of '%s'", loader->spec->id);
    }
    if (list.node == NULL) {
        timing->family_count = 1;
        return read_family(loader, file, at, &list, &timing->family[0], err);
    }
    cJSON_ArrayForEach(node, list.node) {
        struct json_place name = json_item(&list, node, timing->family_count);
        if (json_check_value(&name, &text, err) != 0) {
            return -1;
        }
        for (const cJSON *before = list.node->child; before != node; before = before->next) {
            if (strcmp(before->valuestring, node->valuestring) == 0) {
                return json_error(&name, err, "is '%s' a second time; remove it.", node->valuestring);
            }
        }
        if (read_family(loader, file, at, &name, &timing->family[timing->family_count++], err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* The baseline and the candidate read the same inputs in one memory, where a secret must not be, and a measure would
 * have to be taken of every timed call. */
static int refuse_judges(const struct spec *spec, const struct json_place *at, size_t e, struct error *err) {
    for (size_t a = 0; a < spec->entry[e].argument_count; a++) {
        if (!spec_is_shown(&spec->entry[e].argument[a])) {
            return json_error(at, err,
                              "times '%s', which has secrets or measures ('%s'); time another entry, or remove it.",
                              spec->entry[e].name, spec->entry[e].argument[a].name);
        }
    }
    return 0;
}

static int add_timing(struct spec_loader *loader, enum spec_file file, const struct json_place *at, struct error *err) {
    struct spec *spec = loader->spec;
    struct spec_timing *timing = &spec->timing[spec->timing_count];

    struct json_place stages = json_member(at, "stages");
    if (stages.node != NULL) {
        return json_error(&stages, err, "has no place in a timing case, which times one call; give them to a case.");
    }
    if (json_check(at, &case_table, err) != 0) {
        return -1;
    }
    struct json_place name = json_member(at, "name");
    if (spec_refuse_name(spec, &name, name.node->valuestring, err) != 0) {
        return -1;
    }
    spec->timing_count++;
    if (spec_copy(name.node->valuestring, &timing->name, err) != 0 ||
        read_families(loader, file, at, timing, err) != 0) {
        return -1;
    }
    if (refuse_judges(spec, at, timing->family[0].entry, err) != 0) {
        return -1;
    }
    timing->cold = strcmp(json_text(at, "cache", "warm"), "cold") == 0;
    if (read_work(spec, at, &timing->family[0], "flops", &timing->flops, err) != 0) {
        return -1;
    }
    return read_work(spec, at, &timing->family[0], "bytes", &timing->bytes, err);
}

/* Hidden timing cases without a public 'timing' would have no marks to be judged by. */
static int read_marks(struct spec *spec, const struct json_place *at, const struct json_place *hidden_cases,
                      struct error *err) {
    struct json_place zero = json_member(at, "zero");

    spec->threads = 1;
    spec->ratio_zero = 0.3;
    spec->ratio_full = 1.0;
    if (at->node == NULL) {
        return hidden_cases->node == NULL
                   ? 0
                   : json_error(hidden_cases, err, "needs a 'timing' in challenge.json; add it there.");
    }
    if (json_check(at, &timing_table, err) != 0) {
        return -1;
    }
    spec->threads = (unsigned)json_number(at, "threads", spec->threads);
    spec->ratio_zero = json_number(at, "zero", spec->ratio_zero);
    spec->ratio_full = json_number(at, "full", spec->ratio_full);
    if (!(spec->ratio_zero < spec->ratio_full)) {
        return json_error(&zero, err, "is %.10g, but must be below 'full', which is %.10g.", spec->ratio_zero,
                          spec->ratio_full);
    }
    return 0;
}

int spec_read_timing(struct spec_loader *loader, struct error *err) {
    struct json_place root = json_root(&loader->file[SPEC_PUBLIC]), timing = json_member(&root, "timing");
    struct json_place hidden = json_root(&loader->file[SPEC_HIDDEN]);
    struct json_place list[SPEC_FILES] = {
        [SPEC_PUBLIC] = json_member(&timing, "cases"), [SPEC_HIDDEN] = json_member(&hidden, "timing_cases")};
    size_t count;

    if (read_marks(loader->spec, &timing, &list[SPEC_HIDDEN], err) != 0) {
        return -1;
    }
    count = (size_t)(cJSON_GetArraySize(list[SPEC_PUBLIC].node) + cJSON_GetArraySize(list[SPEC_HIDDEN].node));
    loader->spec->timing = calloc(count + 1, sizeof *loader->spec->timing);
    if (loader->spec->timing == NULL) {
        return error_errno(err, "no memory for the timing cases of '%s'", loader->spec->id);
    }
    for (int file = SPEC_PUBLIC; file < SPEC_FILES; file++) {
        const cJSON *node;
        size_t index = 0;
        cJSON_ArrayForEach(node, list[file].node) {
            struct json_place at = json_item(&list[file], node, index++);
            if (add_timing(loader, (enum spec_file)file, &at, err) != 0) {
                return -1;
            }
        }
    }
    return 0;
}
