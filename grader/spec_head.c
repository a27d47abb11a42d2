/* SPDX-License-Identifier: MIT */
/* The top level of challenge.json and hidden.json, the limits, the marks, the libraries, and what strings look like. */
#include <string.h>

#include "grader/spec_load.h"

static bool only(const char *text, const char *alphabet) {
    return text[0] != '\0' && text[strspn(text, alphabet)] == '\0';
}

static bool is_id(const char *text) {
    return only(text, "abcdefghijklmnopqrstuvwxyz0123456789-") && text[0] != '-';
}

static bool is_name(const char *text) {
    return only(text, "abcdefghijklmnopqrstuvwxyz0123456789_.-");
}

static bool is_version(const char *text) {
    return only(text, "0123456789.") && text[0] != '.';
}

/* nan and inf are numbers in a formula, so they cannot be names. */
static bool is_identifier(const char *text) {
    return only(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") &&
           !(text[0] >= '0' && text[0] <= '9') && strcmp(text, "nan") != 0 && strcmp(text, "inf") != 0;
}

const struct json_form spec_form_id = {.matches = is_id,
                                       .description = "lower-case letters, digits and '-', not beginning with '-'"};
const struct json_form spec_form_name = {.matches = is_name,
                                         .description = "lower-case letters, digits, '_', '.' and '-'"};
const struct json_form spec_form_identifier = {
    .matches = is_identifier, .description = "a C identifier (letters, digits and '_') other than nan and inf"};
const struct json_form spec_form_version = {.matches = is_version, .description = "digits and '.', such as 1.0"};

static const char *const track_words[] = {"kernels", "training", "debugging", "serving", "distributed",
                                          "math",    "interp",   "safety",    NULL};
static const char *const difficulty_words[] = {"easy", "medium", "hard", NULL};
static const char *const bound_words[] = {"compute", "bandwidth", "latency", NULL};
static const char *const library_words[] = {"m", "gomp", "openblas", NULL};

static const struct json_key head_keys[] = {
    {.name = "$schema", .type = JSON_TEXT},
    {.name = "spec", .type = JSON_WHOLE, .required = true, .low = 1, .high = 1},
    {.name = "id", .type = JSON_TEXT, .required = true, .low = 1, .high = 64, .form = &spec_form_id},
    {.name = "version", .type = JSON_TEXT, .required = true, .low = 1, .high = 16, .form = &spec_form_version},
    {.name = "title", .type = JSON_TEXT, .required = true, .low = 1, .high = 80},
    {.name = "summary", .type = JSON_TEXT, .required = true, .low = 1, .high = 100},
    {.name = "track", .type = JSON_TEXT, .required = true, .words = track_words},
    {.name = "difficulty", .type = JSON_TEXT, .required = true, .words = difficulty_words},
    {.name = "minutes", .type = JSON_WHOLE, .required = true, .low = 1, .high = 1440},
    {.name = "bound", .type = JSON_TEXT, .required = true, .words = bound_words},
    {.name = "entries", .type = JSON_LIST, .required = true, .low = 1, .high = SPEC_ENTRIES_MAX},
    {.name = "families", .type = JSON_OBJECT},
    {.name = "gates", .type = JSON_LIST, .low = 1, .high = SPEC_GATES_MAX},
    {.name = "cases", .type = JSON_LIST, .required = true, .low = 1, .high = SPEC_CASES_MAX},
    {.name = "timing", .type = JSON_OBJECT},
    {.name = "scoring", .type = JSON_OBJECT},
    {.name = "limits", .type = JSON_OBJECT},
    {.name = "strict_build", .type = JSON_FLAG},
    {.name = "libraries", .type = JSON_LIST, .low = 0, .high = SPEC_LIBRARIES_MAX},
};

static const struct json_key hidden_keys[] = {
    {.name = "$schema", .type = JSON_TEXT},
    {.name = "spec", .type = JSON_WHOLE, .required = true, .low = 1, .high = 1},
    {.name = "id", .type = JSON_TEXT, .required = true, .low = 1, .high = 64, .form = &spec_form_id},
    {.name = "families", .type = JSON_OBJECT},
    {.name = "cases", .type = JSON_LIST, .required = true, .low = 0, .high = SPEC_CASES_MAX},
    {.name = "timing_cases", .type = JSON_LIST, .low = 0, .high = SPEC_TIMING_MAX},
};

static const struct json_key scoring_keys[] = {
    {.name = "correct", .type = JSON_NUMBER, .required = true, .low = 0, .high = 10000},
    {.name = "speed", .type = JSON_NUMBER, .required = true, .low = 0, .high = 10000},
    {.name = "partial", .type = JSON_FLAG},
};

static const struct json_key limits_keys[] = {
    {.name = "call_ms", .type = JSON_WHOLE, .low = 1, .high = 600000},
    {.name = "memory_mib", .type = JSON_WHOLE, .low = 1, .high = 65536},
    {.name = "stack_kib", .type = JSON_WHOLE, .low = 64, .high = 1048576},
    {.name = "binary_kib", .type = JSON_WHOLE, .low = 16, .high = 1048576},
    {.name = "static_kib", .type = JSON_WHOLE, .low = 8, .high = 262144},
    {.name = "allocate", .type = JSON_FLAG},
};

#define TABLE(title, keys)                                                                                             \
    { .what = title, .key = keys, .count = sizeof keys / sizeof *keys }

static const struct json_table head_table = TABLE("a challenge", head_keys);
static const struct json_table hidden_table = TABLE("a hidden.json", hidden_keys);
static const struct json_table scoring_table = TABLE("the scoring", scoring_keys);
static const struct json_table limits_table = TABLE("the limits", limits_keys);

/* 100 points: what is not for speed is for being correct. Without timed cases nobody could earn points for speed. */
static int read_scoring(struct spec *spec, const struct json_place *root, struct error *err) {
    struct json_place at = json_member(root, "scoring"), timing = json_member(root, "timing");
    bool timed = timing.node != NULL;

    if (at.node != NULL && json_check(&at, &scoring_table, err) != 0) {
        return -1;
    }
    spec->points_correct = json_number(&at, "correct", timed ? 40 : 100);
    spec->points_speed = json_number(&at, "speed", timed ? 60 : 0);
    spec->partial = json_flag(&at, "partial", false);
    if (!(spec->points_correct + spec->points_speed > 0)) {
        return json_error(&at, err, "gives no points at all; set 'correct', 'speed' or both above 0.");
    }
    if (spec->points_speed > 0 && !timed) {
        struct json_place speed = json_member(&at, "speed");
        return json_error(&speed, err, "is %.10g, but there is no 'timing'; add it or set 'speed' to 0.",
                          spec->points_speed);
    }
    return 0;
}

/* Each of these would be memory without a limit, or a limit without memory. */
static int check_no_allocation(const struct json_place *limits, const struct json_place *root, struct error *err) {
    const struct json_place at = json_member(limits, "allocate"), memory = json_member(limits, "memory_mib");
    const struct json_place libraries = json_member(root, "libraries");
    const cJSON *library;

    if (json_member(limits, "static_kib").node == NULL) {
        return json_error(&at, err, "is false, but nothing limits static arrays; add 'static_kib'.");
    }
    if (memory.node != NULL) {
        return json_error(&memory, err, "is a limit of what 'allocate' forbids; take one of the two out.");
    }
    cJSON_ArrayForEach(library, libraries.node) {
        if (cJSON_IsString(library) && strcmp(library->valuestring, "m") != 0) {
            return json_error(&at, err, "is false, but the library '%s' allocates; take one of the two out.",
                              library->valuestring);
        }
    }
    return 0;
}

static int read_limits(struct spec *spec, const struct json_place *root, struct error *err) {
    struct json_place at = json_member(root, "limits");

    if (at.node != NULL && json_check(&at, &limits_table, err) != 0) {
        return -1;
    }
    spec->limits = (struct spec_limits){
        .memory_bytes = (uint64_t)json_number(&at, "memory_mib", 256) << 20,
        .stack_bytes = (uint64_t)json_number(&at, "stack_kib", 8192) << 10,
        .binary_bytes = (uint64_t)json_number(&at, "binary_kib", 4096) << 10,
        .static_bytes = (uint64_t)json_number(&at, "static_kib", 0) << 10,
        .no_allocation = !json_flag(&at, "allocate", true),
        .call_ms = (int64_t)json_number(&at, "call_ms", 2000),
    };
    return spec->limits.no_allocation ? check_no_allocation(&at, root, err) : 0;
}

/* What is checked at every step is slower by an amount that says nothing about the solution. */
static int read_strict_build(struct spec_loader *loader, const struct json_place *root, struct error *err) {
    const struct json_place at = json_member(root, "strict_build"), timing = json_member(root, "timing");
    loader->spec->strict_build = json_flag(root, "strict_build", false);
    return loader->spec->strict_build && timing.node != NULL
               ? json_error(&at, err,
                            "is true, but there is 'timing', and a build with checks would be timed; take one "
                            "of the two out.")
               : 0;
}

static int read_libraries(struct spec *spec, const struct json_place *root, struct error *err) {
    static const struct json_key library = {.type = JSON_TEXT, .words = library_words};
    struct json_place list = json_member(root, "libraries");
    const cJSON *node;

    if (list.node == NULL) {
        spec->library_count = 1;
        return spec_copy("m", &spec->library[0], err);
    }
    cJSON_ArrayForEach(node, list.node) {
        struct json_place at = json_item(&list, node, spec->library_count);
        if (json_check_value(&at, &library, err) != 0) {
            return -1;
        }
        for (size_t i = 0; i < spec->library_count; i++) {
            if (strcmp(spec->library[i], node->valuestring) == 0) {
                return json_error(&at, err, "is '%s' a second time; remove it.", node->valuestring);
            }
        }
        if (spec_copy(node->valuestring, &spec->library[spec->library_count], err) != 0) {
            return -1;
        }
        spec->library_count++;
    }
    return 0;
}

static int check_ids(const struct spec_loader *loader, const struct json_place *root, struct error *err) {
    const char *folder = strrchr(loader->spec->directory, '/') + 1, *id = json_text(root, "id", "");
    struct json_place at = json_member(root, "id"), hidden = json_root(&loader->file[SPEC_HIDDEN]);

    if (strcmp(id, folder) != 0) {
        return json_error(&at, err, "is '%s', but the folder is called '%s'; give both the same name.", id, folder);
    }
    if (!loader->has_hidden) {
        return 0;
    }
    if (json_check(&hidden, &hidden_table, err) != 0) {
        return -1;
    }
    at = json_member(&hidden, "id");
    if (strcmp(json_text(&hidden, "id", ""), id) != 0) {
        return json_error(&at, err, "is '%s', but challenge.json has '%s'; a hidden.json of another challenge?",
                          at.node->valuestring, id);
    }
    return 0;
}

int spec_read_head(struct spec_loader *loader, struct error *err) {
    struct spec *spec = loader->spec;
    struct json_place root = json_root(&loader->file[SPEC_PUBLIC]);
    const struct {
        const char *key;
        char **text;
    } texts[] = {
        {.key = "id", .text = &spec->id},       {.key = "version", .text = &spec->version},
        {.key = "title", .text = &spec->title}, {.key = "summary", .text = &spec->summary},
        {.key = "track", .text = &spec->track}, {.key = "difficulty", .text = &spec->difficulty},
        {.key = "bound", .text = &spec->bound},
    };

    if (json_check(&root, &head_table, err) != 0 || check_ids(loader, &root, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (spec_copy(json_text(&root, texts[i].key, NULL), texts[i].text, err) != 0) {
            return -1;
        }
    }
    spec->minutes = (int64_t)json_number(&root, "minutes", 0);
    if (read_scoring(spec, &root, err) != 0 || read_limits(spec, &root, err) != 0 ||
        read_strict_build(loader, &root, err) != 0) {
        return -1;
    }
    return read_libraries(spec, &root, err);
}
