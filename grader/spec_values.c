/* SPDX-License-Identifier: MIT */
/* The numbers of one case: its sizes, its scalars, and the formulas over them: shapes and reduction lengths. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "grader/names.h"
#include "grader/spec_load.h"

void spec_case_names(const struct spec *spec, const struct spec_case *c, struct spec_names *names) {
    static const enum spec_role order[] = {SPEC_SIZE, SPEC_SCALAR};
    const struct spec_entry *entry = &spec->entry[c->entry];

    names->case_name = c->name;
    names->count = 0;
    for (size_t o = 0; o < 2; o++) {
        for (size_t a = 0; a < entry->argument_count; a++) {
            if (entry->argument[a].role == order[o]) {
                names->name[names->count] = entry->argument[a].name;
                names->value[names->count++] = c->value[a];
            }
        }
    }
}

int spec_check_names(const struct spec_entry *entry, const struct json_place *object, enum spec_role role,
                     struct error *err) {
    const char *known[SPEC_ARGUMENTS_MAX], *near, *title = role == SPEC_SIZE ? "size" : "scalar";
    const cJSON *node;
    size_t count = 0;

    for (size_t a = 0; a < entry->argument_count; a++) {
        if (entry->argument[a].role == role) {
            known[count++] = entry->argument[a].name;
        }
    }
    cJSON_ArrayForEach(node, object->node) {
        size_t a = spec_find_argument(entry, node->string);
        struct json_place at = json_member(object, node->string);
        if (a < SPEC_ARGUMENTS_MAX && entry->argument[a].role == role) {
            continue;
        }
        near = names_nearest(node->string, known, count);
        if (near != NULL) {
            return json_error(&at, err, "is not a %s of '%s'; did you mean '%s'?", title, entry->name, near);
        }
        return json_error(&at, err, "is not a %s of '%s'; remove it.", title, entry->name);
    }
    return 0;
}

int spec_check_size(const struct spec_entry *entry, size_t a, const struct json_place *at, double value,
                    struct error *err) {
    const struct spec_argument *argument = &entry->argument[a];

    if (value != floor(value)) {
        return json_error(at, err, "is %.17g, but a size is a whole number; use floor().", value);
    }
    if (!(value >= (double)argument->minimum && value <= (double)argument->maximum)) {
        return json_error(at, err, "is %.17g, but '%s' declares it from %lld to %lld.", value, entry->name,
                          (long long)argument->minimum, (long long)argument->maximum);
    }
    return 0;
}

int spec_read_sizes(const struct spec_loader *loader, const struct json_place *at, struct spec_case *c,
                    struct error *err) {
    const struct spec_entry *entry = &loader->spec->entry[c->entry];
    struct json_place sizes = json_member(at, "sizes");

    if (spec_check_names(entry, &sizes, SPEC_SIZE, err) != 0) {
        return -1;
    }
    for (size_t a = 0; a < entry->argument_count; a++) {
        const struct spec_argument *argument = &entry->argument[a];
        struct json_place value = json_member(&sizes, argument->name);
        const struct json_key whole = {.type = JSON_WHOLE};
        if (argument->role != SPEC_SIZE) {
            continue;
        }
        if (value.node == NULL) {
            return json_error(&sizes, err, "has no '%s', which '%s' needs; add it, from %lld to %lld.", argument->name,
                              entry->name, (long long)argument->minimum, (long long)argument->maximum);
        }
        if (json_check_value(&value, &whole, err) != 0 ||
            spec_check_size(entry, a, &value, value.node->valuedouble, err) != 0) {
            return -1;
        }
        c->value[a] = value.node->valuedouble;
    }
    return 0;
}

/* A scalar has to survive the way into its C type. */
static int check_scalar(const struct spec_argument *argument, const struct json_place *at, double value,
                        struct error *err) {
    static const struct {
        double low, high;
    } range[DTYPE_COUNT] = {
        [DTYPE_F32] = {.low = -FLT_MAX, .high = FLT_MAX},
        [DTYPE_F64] = {.low = -DBL_MAX, .high = DBL_MAX},
        [DTYPE_I32] = {.low = INT32_MIN, .high = INT32_MAX},
        [DTYPE_I64] = {.low = -EXPR_WHOLE_MAX, .high = EXPR_WHOLE_MAX},
        [DTYPE_U8] = {.low = 0, .high = UINT8_MAX},
    };
    const struct dtype_info *type = dtype_info(argument->type);

    if (type->floating && !isfinite(value)) {
        return 0;
    }
    if (!(value >= range[argument->type].low && value <= range[argument->type].high)) {
        return json_error(at, err, "is %.10g, which %s cannot hold; use another value or type.", value, type->name);
    }
    if (!type->floating && value != floor(value)) {
        return json_error(at, err, "is %.10g, but '%s' is %s; use a whole number or floor().", value, argument->name,
                          type->name);
    }
    return 0;
}

int spec_read_scalar(const struct spec_argument *argument, const struct json_place *at, const struct spec_names *names,
                     double *value, struct error *err) {
    static const struct json_key formula = {.type = JSON_FORMULA};

    if (json_check_value(at, &formula, err) != 0 ||
        spec_read_formula(at, names, dtype_info(argument->type)->floating, value, err) != 0) {
        return -1;
    }
    return check_scalar(argument, at, *value, err);
}

/* In the order of the prototype: a scalar's default sees the sizes and the scalars before it. */
int spec_read_scalars(const struct spec_loader *loader, const struct json_place *at, struct spec_case *c,
                      struct error *err) {
    const struct spec_entry *entry = &loader->spec->entry[c->entry];
    struct json_place scalars = json_member(at, "scalars");
    struct spec_names names;

    if (spec_check_names(entry, &scalars, SPEC_SCALAR, err) != 0) {
        return -1;
    }
    spec_case_names(loader->spec, c, &names);
    for (size_t a = 0; a < entry->argument_count; a++) {
        names.count -= entry->argument[a].role == SPEC_SCALAR;
    }
    for (size_t a = 0; a < entry->argument_count; a++) {
        const struct spec_argument *argument = &entry->argument[a];
        if (argument->role != SPEC_SCALAR) {
            continue;
        }
        struct json_place value = json_member(&scalars, argument->name);
        if (value.node == NULL) {
            value = json_member(&loader->argument[c->entry][a], "value");
        }
        if (value.node == NULL) {
            return json_error(at, err,
                              "has no value for the scalar '%s'; add it to 'scalars', or give the argument a "
                              "'value'.",
                              argument->name);
        }
        if (spec_read_scalar(argument, &value, &names, &c->value[a], err) != 0) {
            return -1;
        }
        names.value[names.count++] = c->value[a];
    }
    return 0;
}

/* Bytes are bounded here, once, so that no later room has to think about a product that overflows. */
static int check_extent(const struct spec_argument *argument, const struct json_place *at, const int64_t *shape,
                        struct error *err) {
    int64_t bytes = (int64_t)dtype_info(argument->type)->bytes;
    bool empty = false, over = false;
    char text[160] = "";
    size_t length = 0;

    for (size_t i = 0; i < argument->rank; i++) {
        empty = empty || shape[i] == 0;
        over = over || __builtin_mul_overflow(bytes, shape[i] == 0 ? 1 : shape[i], &bytes);
        length +=
            (size_t)snprintf(text + length, sizeof text - length, "%s%lld", i == 0 ? "" : " x ", (long long)shape[i]);
    }
    if (!over && (empty || bytes <= SPEC_TENSOR_BYTES_MAX)) {
        return 0;
    }
    return json_error(at, err,
                      "has an overflow in the shape of '%s': %s elements of %s are more than 1 GiB; use "
                      "smaller sizes.",
                      argument->name, text, dtype_info(argument->type)->name);
}

static int read_dimension(const struct spec_loader *loader, const struct spec_case *c, size_t a, size_t i,
                          const struct expr_names *names, int64_t *value, struct error *err) {
    const struct spec_argument *argument = &loader->spec->entry[c->entry].argument[a];
    struct json_place shape = json_member(&loader->argument[c->entry][a], "shape"), item;
    struct error why = {0};

    item = json_item(&shape, cJSON_GetArrayItem(shape.node, (int)i), i);
    if (expr_count(argument->shape[i], names, value, &why) != 0) {
        return json_error(&item, err, "cannot be evaluated in case '%s': in the shape of '%s', %s", c->name,
                          argument->name, why.text);
    }
    if (*value < 0) {
        return json_error(&item, err, "is %lld in case '%s'; a dimension of '%s' cannot be negative, use max(%s,0).",
                          (long long)*value, c->name, argument->name, argument->shape[i]);
    }
    return 0;
}

int spec_read_shapes(const struct spec_loader *loader, const struct json_place *at, struct spec_case *c,
                     struct error *err) {
    const struct spec_entry *entry = &loader->spec->entry[c->entry];
    struct json_place sizes = json_member(at, "sizes");
    struct spec_names names;

    spec_case_names(loader->spec, c, &names);
    const struct expr_names known = {.count = names.count, .name = names.name, .value = names.value};
    for (size_t a = 0; a < entry->argument_count; a++) {
        for (size_t i = 0; i < entry->argument[a].rank; i++) {
            if (read_dimension(loader, c, a, i, &known, &c->shape[a][i], err) != 0) {
                return -1;
            }
        }
        if (check_extent(&entry->argument[a], &sizes, c->shape[a], err) != 0) {
            return -1;
        }
    }
    return 0;
}

int spec_read_reductions(const struct spec_loader *loader, struct spec_case *c, struct error *err) {
    const struct spec_entry *entry = &loader->spec->entry[c->entry];
    struct spec_names names;

    spec_case_names(loader->spec, c, &names);
    for (size_t a = 0; a < entry->argument_count; a++) {
        struct json_place tolerance = json_member(&loader->argument[c->entry][a], "tolerance");
        struct json_place reduction = json_member(&tolerance, "reduction");
        c->reduction[a] = 1;
        if (reduction.node == NULL) {
            continue;
        }
        if (spec_read_formula(&reduction, &names, false, &c->reduction[a], err) != 0) {
            return -1;
        }
        if (!(c->reduction[a] >= 0)) {
            return json_error(&reduction, err, "is %.10g in case '%s', but a reduction has 0 or more terms; use max().",
                              c->reduction[a], c->name);
        }
    }
    return 0;
}
