/* SPDX-License-Identifier: MIT */
/* The entries of a pack: the arguments of each C function, with the fields of its parameter struct laid flat. */
#include <string.h>

#include "grader/names.h"
#include "grader/spec_load.h"

enum role {
    ROLE_PARAMS,
    ROLE_SIZE,
    ROLE_SCALAR,
    ROLE_INPUT,
    ROLE_OUTPUT,
    ROLE_INOUT,
    ROLE_SECRET,
    ROLE_MEASURE,
    ROLE_COUNT
};

static const char *const tensor_types[] = {"f32", "f64", "i32", "i64", "u8", "bf16", NULL};
static const char *const scalar_types[] = {"f32", "f64", "i32", "i64", "u8", NULL};
static const char *const size_types[] = {"i32", "i64", NULL};
static const char *const measure_types[] = {"f64", NULL};

#define KEY_NAME                                                                                                       \
    { .name = "name", .type = JSON_TEXT, .required = true, .low = 1, .high = 60, .form = &spec_form_identifier }
#define KEY_ROLE                                                                                                       \
    { .name = "role", .type = JSON_TEXT, .required = true }
#define KEY_TYPE(list)                                                                                                 \
    { .name = "type", .type = JSON_TEXT, .required = true, .words = list }
#define KEY_SHAPE                                                                                                      \
    { .name = "shape", .type = JSON_LIST, .required = true, .low = 1, .high = SPEC_RANK_MAX }
#define KEY_FILL                                                                                                       \
    { .name = "fill", .type = JSON_OBJECT }
#define KEY_INSENSITIVE                                                                                                \
    { .name = "insensitive", .type = JSON_TEXT, .low = 1, .high = 200 }
#define KEY_GRADIENT                                                                                                   \
    { .name = "gradient", .type = JSON_FLAG }
#define KEY_CURVE                                                                                                      \
    { .name = "curve", .type = JSON_FLAG }
#define KEY_TOLERANCE                                                                                                  \
    { .name = "tolerance", .type = JSON_OBJECT, .required = true }

static const struct json_key params_keys[] = {
    KEY_NAME,
    KEY_ROLE,
    {.name = "type", .type = JSON_TEXT, .required = true, .low = 1, .high = 60, .form = &spec_form_identifier},
    {.name = "fields", .type = JSON_LIST, .required = true, .low = 1, .high = SPEC_ARGUMENTS_MAX},
};
static const struct json_key size_keys[] = {
    KEY_NAME,
    KEY_ROLE,
    KEY_TYPE(size_types),
    {.name = "min", .type = JSON_WHOLE, .required = true, .low = 0, .high = EXPR_WHOLE_MAX},
    {.name = "max", .type = JSON_WHOLE, .required = true, .low = 0, .high = EXPR_WHOLE_MAX},
};
static const struct json_key scalar_keys[] = {
    KEY_NAME, KEY_ROLE, KEY_TYPE(scalar_types), {.name = "value", .type = JSON_FORMULA}, KEY_INSENSITIVE};
static const struct json_key input_keys[] = {KEY_NAME,
                                             KEY_ROLE,
                                             KEY_TYPE(tensor_types),
                                             KEY_SHAPE,
                                             {.name = "nullable", .type = JSON_FLAG},
                                             KEY_FILL,
                                             KEY_INSENSITIVE,
                                             {.name = "carry", .type = JSON_TEXT, .low = 1, .high = 60}};
static const struct json_key output_keys[] = {KEY_NAME,
                                              KEY_ROLE,
                                              KEY_TYPE(tensor_types),
                                              KEY_SHAPE,
                                              KEY_TOLERANCE,
                                              KEY_GRADIENT,
                                              KEY_CURVE,
                                              {.name = "infinite", .type = JSON_FLAG}};
static const struct json_key inout_keys[] = {KEY_NAME,  KEY_ROLE,      KEY_TYPE(tensor_types), KEY_SHAPE,   KEY_FILL,
                                             KEY_CURVE, KEY_TOLERANCE, KEY_INSENSITIVE,        KEY_GRADIENT};

static const struct json_key secret_keys[] = {KEY_NAME, KEY_ROLE, KEY_TYPE(tensor_types), KEY_SHAPE, KEY_FILL};
static const struct json_key measure_keys[] = {KEY_NAME,  KEY_ROLE,      KEY_TYPE(measure_types),
                                               KEY_SHAPE, KEY_TOLERANCE, KEY_CURVE};

#define TABLE(title, keys)                                                                                             \
    { .what = title, .key = keys, .count = sizeof keys / sizeof *keys }

struct role_info {
    const char *name;
    enum spec_role role; /* unused for params */
    struct json_table table;
};

static const struct role_info role_table[ROLE_COUNT] = {
    [ROLE_PARAMS] = {.name = "params", .table = TABLE("a params argument", params_keys)},
    [ROLE_SIZE] = {.name = "size", .role = SPEC_SIZE, .table = TABLE("a size", size_keys)},
    [ROLE_SCALAR] = {.name = "scalar", .role = SPEC_SCALAR, .table = TABLE("a scalar", scalar_keys)},
    [ROLE_INPUT] = {.name = "input", .role = SPEC_INPUT, .table = TABLE("an input", input_keys)},
    [ROLE_OUTPUT] = {.name = "output", .role = SPEC_OUTPUT, .table = TABLE("an output", output_keys)},
    [ROLE_INOUT] = {.name = "inout", .role = SPEC_INOUT, .table = TABLE("an inout", inout_keys)},
    [ROLE_SECRET] = {.name = "secret", .role = SPEC_SECRET, .table = TABLE("a secret", secret_keys)},
    [ROLE_MEASURE] = {.name = "measure", .role = SPEC_MEASURE, .table = TABLE("a measure", measure_keys)},
};

bool spec_is_tensor(const struct spec_argument *argument) {
    return argument->role != SPEC_SIZE && argument->role != SPEC_SCALAR;
}

bool spec_is_filled(const struct spec_argument *argument) {
    return spec_role_is_filled(argument->role);
}

bool spec_is_compared(const struct spec_argument *argument) {
    return spec_role_is_output(argument->role);
}

size_t spec_find_argument(const struct spec_entry *entry, const char *name) {
    for (size_t a = 0; a < entry->argument_count; a++) {
        if (strcmp(entry->argument[a].name, name) == 0) {
            return a;
        }
    }
    return SPEC_ARGUMENTS_MAX;
}

static int read_shape(const struct json_place *at, struct spec_argument *argument, struct error *err) {
    static const struct json_key formula = {.type = JSON_FORMULA};
    static const struct json_key whole = {.type = JSON_WHOLE, .low = 0, .high = EXPR_WHOLE_MAX};
    struct json_place list = json_member(at, "shape");
    const cJSON *node;

    cJSON_ArrayForEach(node, list.node) {
        struct json_place item = json_item(&list, node, argument->rank);
        if (json_check_value(&item, cJSON_IsNumber(node) ? &whole : &formula, err) != 0 ||
            spec_copy_formula(&item, &argument->shape[argument->rank], err) != 0) {
            return -1;
        }
        argument->rank++;
    }
    return 0;
}

/* A curve has one axis, its index. */
static int check_curve(const struct json_place *at, const struct spec_argument *argument, struct error *err) {
    struct json_place curve = json_member(at, "curve");

    return !argument->curve || argument->rank == 1
               ? 0
               : json_error(&curve, err, "is true, but '%s' has %zu dimensions; a curve has one.", argument->name,
                            argument->rank);
}

static int read_range(const struct json_place *at, struct spec_argument *argument, struct error *err) {
    struct json_place max = json_member(at, "max");

    argument->minimum = (int64_t)json_number(at, "min", 0);
    argument->maximum = (int64_t)json_number(at, "max", 0);
    if (argument->type == DTYPE_I32 && argument->maximum > INT32_MAX) {
        return json_error(&max, err, "is %lld, more than an i32 holds; lower it or use i64.",
                          (long long)argument->maximum);
    }
    if (argument->minimum > argument->maximum) {
        return json_error(&max, err, "is %lld, below the 'min' of %lld; raise it.", (long long)argument->maximum,
                          (long long)argument->minimum);
    }
    return 0;
}

/* Names are unique across the whole prototype, fields included: formulas, fills and reports use them without a path. */
static int refuse_taken(const struct spec_entry *entry, const struct json_place *at, struct error *err) {
    struct json_place name = json_member(at, "name");
    const char *text = name.node->valuestring;
    bool taken = false;

    for (size_t a = 0; a < entry->argument_count; a++) {
        const struct spec_argument *other = &entry->argument[a];
        taken = taken || strcmp(other->name, text) == 0 ||
                (other->group_name != NULL && strcmp(other->group_name, text) == 0);
    }
    return taken ? json_error(&name, err, "is '%s', which another argument or field of '%s' has; rename one.", text,
                              entry->name)
                 : 0;
}

/* One argument or field, already checked against the table of its role. */
static int add_argument(struct spec_loader *loader, size_t e, const struct json_place *at, enum role role,
                        const struct json_place *group, struct error *err) {
    struct spec_entry *entry = &loader->spec->entry[e];
    struct spec_argument *argument = &entry->argument[entry->argument_count];
    struct json_place fill = json_member(at, "fill");

    if (entry->argument_count == SPEC_ARGUMENTS_MAX) {
        return json_error(at, err, "is one argument too many; '%s' may have %d with all fields counted.", entry->name,
                          SPEC_ARGUMENTS_MAX);
    }
    if (refuse_taken(entry, at, err) != 0) {
        return -1;
    }
    loader->argument[e][entry->argument_count++] = *at;
    argument->role = role_table[role].role;
    argument->type = dtype_from_name(json_text(at, "type", ""));
    argument->nullable = json_flag(at, "nullable", false);
    argument->gradient = json_flag(at, "gradient", false);
    argument->curve = json_flag(at, "curve", false);
    argument->infinite = json_flag(at, "infinite", false);
    if (spec_copy(json_text(at, "name", NULL), &argument->name, err) != 0 ||
        spec_copy(json_text(group, "type", NULL), &argument->group, err) != 0 ||
        spec_copy(json_text(group, "name", NULL), &argument->group_name, err) != 0 ||
        spec_copy(json_text(at, "insensitive", NULL), &argument->insensitive, err) != 0) {
        return -1;
    }
    if (role == ROLE_SIZE) {
        return read_range(at, argument, err);
    }
    if (role == ROLE_SCALAR) {
        return 0;
    }
    if (read_shape(at, argument, err) != 0 || (fill.node != NULL && spec_check_fill(&fill, err) != 0)) {
        return -1;
    }
    if (check_curve(at, argument, err) != 0) {
        return -1;
    }
    return spec_is_compared(argument) || role == ROLE_MEASURE ? spec_read_tolerance(at, argument, err) : 0;
}

static int check_role(const struct json_place *at, const char *const *words, size_t count, size_t *role,
                      struct error *err) {
    if (json_choice(at, "role", words, count, role, err) != 0) {
        return -1;
    }
    return json_check(at, &role_table[*role].table, err);
}

static int read_fields(struct spec_loader *loader, size_t e, const struct json_place *group, struct error *err) {
    static const char *const words[] = {"size", "scalar"};
    static const enum role roles[] = {ROLE_SIZE, ROLE_SCALAR};
    struct json_place list = json_member(group, "fields");
    const cJSON *node;
    size_t index = 0, word;

    if (refuse_taken(&loader->spec->entry[e], group, err) != 0) {
        return -1;
    }
    cJSON_ArrayForEach(node, list.node) {
        struct json_place at = json_item(&list, node, index++);
        if (json_choice(&at, "role", words, 2, &word, err) != 0 ||
            json_check(&at, &role_table[roles[word]].table, err) != 0 ||
            add_argument(loader, e, &at, roles[word], group, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int read_arguments(struct spec_loader *loader, size_t e, const struct json_place *list, struct error *err) {
    const struct spec_entry *entry = &loader->spec->entry[e];
    const struct json_place none = {.file = list->file};
    const char *words[ROLE_COUNT];
    const cJSON *node;
    size_t index = 0, role;

    for (size_t i = 0; i < ROLE_COUNT; i++) {
        words[i] = role_table[i].name;
    }
    cJSON_ArrayForEach(node, list->node) {
        struct json_place at = json_item(list, node, index++);
        if (check_role(&at, words, ROLE_COUNT, &role, err) != 0 ||
            (role == ROLE_PARAMS ? read_fields(loader, e, &at, err)
                                 : add_argument(loader, e, &at, (enum role)role, &none, err)) != 0) {
            return -1;
        }
    }
    if (spec_read_carries(&loader->spec->entry[e], loader->argument[e], err) != 0) {
        return -1;
    }
    return spec_check_judges(entry, list, loader->argument[e], err);
}

int spec_read_entries(struct spec_loader *loader, struct error *err) {
    static const struct json_key keys[] = {
        {.name = "name", .type = JSON_TEXT, .required = true, .low = 1, .high = 50, .form = &spec_form_identifier},
        {.name = "arguments", .type = JSON_LIST, .required = true, .low = 1, .high = SPEC_ARGUMENTS_MAX}};
    static const struct json_table table = TABLE("an entry", keys);
    struct spec *spec = loader->spec;
    struct json_place root = json_root(&loader->file[SPEC_PUBLIC]), list = json_member(&root, "entries");
    const cJSON *node;

    cJSON_ArrayForEach(node, list.node) {
        struct json_place at = json_item(&list, node, spec->entry_count);
        if (json_check(&at, &table, err) != 0) {
            return -1;
        }
        struct json_place name = json_member(&at, "name"), arguments = json_member(&at, "arguments");
        for (size_t e = 0; e < spec->entry_count; e++) {
            if (strcmp(spec->entry[e].name, name.node->valuestring) == 0) {
                return json_error(&name, err, "is '%s', which another entry has; rename one.", spec->entry[e].name);
            }
        }
        size_t e = spec->entry_count++;
        if (spec_copy(name.node->valuestring, &spec->entry[e].name, err) != 0 ||
            read_arguments(loader, e, &arguments, err) != 0) {
            return -1;
        }
    }
    return 0;
}
