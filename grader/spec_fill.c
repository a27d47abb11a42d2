/* SPDX-License-Identifier: MIT */
/* Fills: {"kind": "normal", "sd": 2, "then": [{"kind": "every", "stride": 3, "value": "nan"}]}. Which parameters a kind
 * has comes from fill_describe(), so that a new distribution needs no line here. */
#include <math.h>
#include <string.h>

#include "grader/spec_load.h"

/* What is known of a parameter by its name, whichever kind has it. Others may be any finite number. */
struct parameter_range {
    const char *name;
    double low, high;
    bool special; /* nan and inf make sense */
    bool whole;
};

static const struct parameter_range ranges[] = {
    {.name = "value", .low = -INFINITY, .high = INFINITY, .special = true},
    {.name = "sd", .low = 0, .high = 1e300},
    {.name = "spread", .low = 0, .high = 1e300},
    {.name = "share", .low = 0, .high = 1},
    {.name = "levels", .low = 2, .high = 1e6, .whole = true},
    {.name = "period", .low = 0, .high = EXPR_WHOLE_MAX, .whole = true},
    {.name = "stride", .low = 1, .high = EXPR_WHOLE_MAX, .whole = true},
    {.name = "offset", .low = 0, .high = EXPR_WHOLE_MAX, .whole = true},
    {.name = "from", .low = 0, .high = EXPR_WHOLE_MAX, .whole = true},
};
static const struct parameter_range any_finite = {.low = -1e300, .high = 1e300};

static const struct json_key every_keys[] = {
    {.name = "kind", .type = JSON_TEXT, .required = true},
    {.name = "stride", .type = JSON_FORMULA, .required = true},
    {.name = "offset", .type = JSON_FORMULA},
    {.name = "value", .type = JSON_FORMULA, .required = true},
};
static const struct json_key from_keys[] = {
    {.name = "kind", .type = JSON_TEXT, .required = true},
    {.name = "from", .type = JSON_FORMULA, .required = true},
    {.name = "value", .type = JSON_FORMULA, .required = true},
};

#define TABLE(title, keys)                                                                                             \
    { .what = title, .key = keys, .count = sizeof keys / sizeof *keys }

static const char *const overlay_words[FILL_OVERLAY_COUNT] = {
    [FILL_EVERY] = "every", [FILL_PAD] = "pad", [FILL_TAIL] = "tail"};
static const char *const row_words[] = {"random", "first", NULL};
static const struct json_key dataset_keys[] = {
    {.name = "file", .type = JSON_TEXT, .required = true, .low = 1, .high = 64, .form = &spec_form_name},
    {.name = "field", .type = JSON_TEXT, .required = true, .low = 1, .high = 32},
    {.name = "rows", .type = JSON_TEXT, .words = row_words},
};
static const struct json_table overlay_table[FILL_OVERLAY_COUNT] = {
    [FILL_EVERY] = TABLE("an 'every' overlay", every_keys),
    [FILL_PAD] = TABLE("a 'pad' overlay", from_keys),
    [FILL_TAIL] = TABLE("a 'tail' overlay", from_keys),
};

static int choose_kind(const struct json_place *at, enum fill_kind *kind, struct error *err) {
    const char *words[FILL_COUNT];
    size_t index;

    for (int i = 0; i < FILL_COUNT; i++) {
        words[i] = fill_describe((enum fill_kind)i)->name;
    }
    if (json_choice(at, "kind", words, FILL_COUNT, &index, err) != 0) {
        return -1;
    }
    *kind = (enum fill_kind)index;
    return 0;
}

static int check_overlays(const struct json_place *at, struct error *err) {
    struct json_place list = json_member(at, "then");
    const cJSON *node;
    size_t index = 0, kind;

    cJSON_ArrayForEach(node, list.node) {
        struct json_place item = json_item(&list, node, index++);
        if (json_choice(&item, "kind", overlay_words, FILL_OVERLAY_COUNT, &kind, err) != 0 ||
            json_check(&item, &overlay_table[kind], err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int check_values(const struct json_place *at, struct error *err) {
    static const struct json_key value = {.type = JSON_FORMULA};
    struct json_place list = json_member(at, "values");
    const cJSON *node;
    size_t index = 0;

    cJSON_ArrayForEach(node, list.node) {
        struct json_place item = json_item(&list, node, index++);
        if (json_check_value(&item, &value, err) != 0) {
            return -1;
        }
    }
    return 0;
}

int spec_check_fill(const struct json_place *at, struct error *err) {
    struct json_key keys[3 + FILL_PARAMETERS] = {
        {.name = "kind", .type = JSON_TEXT, .required = true},
        {.name = "then", .type = JSON_LIST, .low = 0, .high = FILL_OVERLAYS_MAX},
    };
    struct json_table table = {.what = "this kind of fill", .key = keys, .count = 2};
    enum fill_kind kind;

    if (choose_kind(at, &kind, err) != 0) {
        return -1;
    }
    const struct fill_description *description = fill_describe(kind);
    for (size_t i = 0; i < description->parameter_count; i++) {
        keys[table.count++] = (struct json_key){.name = description->parameter[i], .type = JSON_FORMULA};
    }
    if (kind == FILL_LIST) {
        keys[table.count++] =
            (struct json_key){.name = "values", .type = JSON_LIST, .required = true, .low = 1, .high = FILL_LIST_MAX};
    }
    for (size_t i = 0; kind == FILL_DATASET && i < sizeof dataset_keys / sizeof *dataset_keys; i++) {
        keys[table.count++] = dataset_keys[i];
    }
    if (json_check(at, &table, err) != 0 || check_values(at, err) != 0) {
        return -1;
    }
    return check_overlays(at, err);
}

int spec_read_formula(const struct json_place *at, const struct spec_names *names, bool special, double *value,
                      struct error *err) {
    const struct expr_names known = {.count = names->count, .name = names->name, .value = names->value};
    const char *text = at->node->valuestring;
    struct error why = {0};

    if (cJSON_IsNumber(at->node)) {
        *value = at->node->valuedouble;
        return 0;
    }
    if (strcmp(text, "nan") == 0 || strcmp(text, "inf") == 0 || strcmp(text, "-inf") == 0) {
        *value = text[0] == 'n' ? NAN : text[0] == '-' ? -INFINITY : INFINITY;
        return special ? 0 : json_error(at, err, "is '%s', but must be finite; use a finite number.", text);
    }
    if (expr_real(text, &known, value, &why) != 0) {
        return json_error(at, err, "cannot be evaluated in case '%s': %s", names->case_name, why.text);
    }
    return 0;
}

static const struct parameter_range *find_range(const char *name) {
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (strcmp(ranges[i].name, name) == 0) {
            return &ranges[i];
        }
    }
    return &any_finite;
}

struct reading {
    const struct spec_names *names;
    enum dtype type;
    struct error *err;
};

/* A value that is stored as it is, not a parameter of a distribution. */
static int check_element(const struct reading *r, const struct json_place *at, double value) {
    const struct dtype_info *type = dtype_info(r->type);

    if (type->floating || (isfinite(value) && value == floor(value))) {
        return 0;
    }
    return json_error(at, r->err, "is %.10g, but %s holds whole numbers only; use one.", value, type->name);
}

/* Member `key` of a fill or overlay, or the fallback. */
static int read_parameter(const struct reading *r, const struct json_place *at, const char *key, double fallback,
                          double *value) {
    struct json_place member = json_member(at, key);
    const struct parameter_range *range = find_range(key);

    *value = fallback;
    if (member.node == NULL) {
        return 0;
    }
    if (spec_read_formula(&member, r->names, range->special, value, r->err) != 0) {
        return -1;
    }
    if (range->special) {
        return check_element(r, &member, *value);
    }
    if (!(*value >= range->low && *value <= range->high)) {
        return json_error(&member, r->err, "is %.16g in case '%s', but must be from %.16g to %.16g.", *value,
                          r->names->case_name, range->low, range->high);
    }
    if (range->whole && *value != floor(*value)) {
        return json_error(&member, r->err, "is %.10g in case '%s', but must be whole; use floor() or ceil().", *value,
                          r->names->case_name);
    }
    return 0;
}

static int read_overlays(const struct reading *r, const struct json_place *at, struct fill *fill) {
    struct json_place list = json_member(at, "then");
    const cJSON *node;
    size_t kind;

    cJSON_ArrayForEach(node, list.node) {
        struct json_place item = json_item(&list, node, fill->overlay_count);
        struct fill_overlay *overlay = &fill->overlay[fill->overlay_count++];
        if (json_choice(&item, "kind", overlay_words, FILL_OVERLAY_COUNT, &kind, r->err) != 0 ||
            read_parameter(r, &item, "stride", 1, &overlay->stride) != 0 ||
            read_parameter(r, &item, "offset", 0, &overlay->offset) != 0 ||
            read_parameter(r, &item, "from", 0, &overlay->from) != 0 ||
            read_parameter(r, &item, "value", 0, &overlay->value) != 0) {
            return -1;
        }
        overlay->kind = (enum fill_overlay_kind)kind;
        if (!(overlay->offset < overlay->stride) && kind == FILL_EVERY) {
            struct json_place offset = json_member(&item, "offset");
            return json_error(&offset, r->err, "is %.10g in case '%s', but must be below the 'stride' of %.10g.",
                              overlay->offset, r->names->case_name, overlay->stride);
        }
    }
    return 0;
}

static int read_list(const struct reading *r, const struct json_place *at, struct fill *fill) {
    struct json_place list = json_member(at, "values");
    const cJSON *node;

    cJSON_ArrayForEach(node, list.node) {
        struct json_place item = json_item(&list, node, fill->list_count);
        double *value = &fill->list[fill->list_count++];
        if (spec_read_formula(&item, r->names, true, value, r->err) != 0 || check_element(r, &item, *value) != 0) {
            return -1;
        }
    }
    return 0;
}

int spec_read_fill(const struct json_place *at, enum dtype type, const struct spec_names *names, struct fill *fill,
                   struct error *err) {
    const struct reading r = {.names = names, .type = type, .err = err};
    double low = -INFINITY, high = INFINITY;

    *fill = (struct fill){0};
    if (spec_check_fill(at, err) != 0 || choose_kind(at, &fill->kind, err) != 0) {
        return -1;
    }
    const struct fill_description *description = fill_describe(fill->kind);
    for (size_t i = 0; i < description->parameter_count; i++) {
        const char *name = description->parameter[i];
        if (read_parameter(&r, at, name, description->fallback[i], &fill->parameter[i]) != 0) {
            return -1;
        }
        low = strcmp(name, "low") == 0 ? fill->parameter[i] : low;
        high = strcmp(name, "high") == 0 ? fill->parameter[i] : high;
    }
    if (!(low <= high)) {
        return json_error(at, err,
                          "has a 'low' of %.10g above its 'high' of %.10g in case '%s'; swap them or use "
                          "max().",
                          low, high, names->case_name);
    }
    return read_list(&r, at, fill) != 0 ? -1 : read_overlays(&r, at, fill);
}
