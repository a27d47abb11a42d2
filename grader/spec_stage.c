/* SPDX-License-Identifier: MIT */
/* Stages: an episode's calls, each resolved into a case of its own over the case that has them.
 *
 * A stage sees a leading part of every array of the case, so that only the first dimension may be smaller; that is what
 * lets a trial of the whole case hold the contents of all its stages. Secrets and measures belong to the whole. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grader/names.h"
#include "grader/spec_load.h"

static const struct json_key stage_keys[] = {
    {.name = "sizes", .type = JSON_OBJECT},
    {.name = "scalars", .type = JSON_OBJECT},
    {.name = "fresh", .type = JSON_FLAG},
    {.name = "generate", .type = JSON_TEXT, .low = 1, .high = 48, .form = &spec_form_identifier},
    {.name = "repeat", .type = JSON_WHOLE, .low = 1, .high = SPEC_STAGES_MAX},
};
static const struct json_table stage_table = {
    .what = "a stage", .key = stage_keys, .count = sizeof stage_keys / sizeof *stage_keys};

static int read_carry(const struct spec_entry *entry, const struct json_place *at, size_t a, size_t *carry,
                      struct error *err) {
    const struct spec_argument *input = &entry->argument[a];
    const char *known[SPEC_ARGUMENTS_MAX];
    size_t count = 0, from = spec_find_argument(entry, at->node->valuestring);

    for (size_t i = 0; i < entry->argument_count; i++) {
        if (spec_is_compared(&entry->argument[i])) {
            known[count++] = entry->argument[i].name;
        }
    }
    if (from == SPEC_ARGUMENTS_MAX || !spec_is_compared(&entry->argument[from])) {
        const char *near = names_nearest(at->node->valuestring, known, count);
        return json_error(at, err, "is '%s', which is no output or inout of '%s'; %s%s%s", at->node->valuestring,
                          entry->name, near != NULL ? "did you mean '" : "name one", near != NULL ? near : "",
                          near != NULL ? "'?" : ".");
    }
    const struct spec_argument *output = &entry->argument[from];
    if (output->type != input->type || output->rank != input->rank) {
        return json_error(at, err,
                          "is '%s', which is %s with %zu dimension%s, but '%s' is %s with %zu; make the two alike.",
                          output->name, dtype_info(output->type)->name, output->rank, output->rank == 1 ? "" : "s",
                          input->name, dtype_info(input->type)->name, input->rank);
    }
    *carry = from;
    return 0;
}

int spec_read_carries(struct spec_entry *entry, const struct json_place *at, struct error *err) {
    for (size_t a = 0; a < entry->argument_count; a++) {
        struct json_place name = json_member(&at[a], "carry");
        entry->argument[a].carry = SPEC_ARGUMENTS_MAX;
        if (name.node != NULL && read_carry(entry, &name, a, &entry->argument[a].carry, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* The names of a case with `stage`, the index, before them. */
static void stage_names(const struct spec *spec, const struct spec_case *c, size_t index, struct spec_names *names) {
    spec_case_names(spec, c, names);
    memmove(names->name + 1, names->name, names->count * sizeof *names->name);
    memmove(names->value + 1, names->value, names->count * sizeof *names->value);
    names->name[0] = "stage";
    names->value[0] = (double)index;
    names->count++;
}

/* What the stage does not say is as in the case; formulas see the case's sizes and scalars. */
static int read_sizes(const struct spec_loader *loader, const struct json_place *at, const struct spec_case *c,
                      size_t index, struct spec_case *stage, struct error *err) {
    static const struct json_key formula = {.type = JSON_FORMULA};
    const struct spec_entry *entry = &loader->spec->entry[c->entry];
    struct json_place sizes = json_member(at, "sizes");
    struct spec_names names;

    stage_names(loader->spec, c, index, &names);
    if (spec_check_names(entry, &sizes, SPEC_SIZE, err) != 0) {
        return -1;
    }
    for (size_t a = 0; a < entry->argument_count; a++) {
        struct json_place value = json_member(&sizes, entry->argument[a].name);
        stage->value[a] = c->value[a];
        if (entry->argument[a].role != SPEC_SIZE || value.node == NULL) {
            continue;
        }
        if (json_check_value(&value, &formula, err) != 0 ||
            spec_read_formula(&value, &names, false, &stage->value[a], err) != 0 ||
            spec_check_size(entry, a, &value, stage->value[a], err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* In the order of the prototype, as for a case: a formula sees the stage's sizes and the scalars before it. The case's
 * formulas are evaluated anew, since a length that they depend on may be the stage's own. */
static int read_scalars(const struct spec_loader *loader, const struct json_place *at, const struct json_place *whole,
                        size_t index, struct spec_case *stage, struct error *err) {
    const struct spec_entry *entry = &loader->spec->entry[stage->entry];
    const struct json_place own = json_member(at, "scalars"), shared = json_member(whole, "scalars");
    struct spec_names names;

    if (spec_check_names(entry, &own, SPEC_SCALAR, err) != 0) {
        return -1;
    }
    stage_names(loader->spec, stage, index, &names);
    for (size_t a = 0; a < entry->argument_count; a++) {
        names.count -= entry->argument[a].role == SPEC_SCALAR;
    }
    for (size_t a = 0; a < entry->argument_count; a++) {
        if (entry->argument[a].role != SPEC_SCALAR) {
            continue;
        }
        struct json_place value = json_member(&own, entry->argument[a].name);
        if (value.node == NULL) {
            value = json_member(&shared, entry->argument[a].name);
        }
        if (value.node == NULL) {
            value = json_member(&loader->argument[stage->entry][a], "value");
        }
        if (spec_read_scalar(&entry->argument[a], &value, &names, &stage->value[a], err) != 0) {
            return -1;
        }
        names.value[names.count++] = stage->value[a];
    }
    return 0;
}

/* The stage's arrays have to be leading parts of the case's. */
static int check_leading(const struct spec *spec, const struct json_place *at, const struct spec_case *c, size_t index,
                         const struct spec_case *stage, struct error *err) {
    const struct spec_entry *entry = &spec->entry[c->entry];

    for (size_t a = 0; a < entry->argument_count; a++) {
        for (size_t i = 0; i < entry->argument[a].rank; i++) {
            const int64_t part = stage->shape[a][i], whole = c->shape[a][i];
            if (i == 0 ? part <= whole : part == whole) {
                continue;
            }
            return json_error(at, err,
                              "gives dimension %zu of '%s' the length %lld in stage %zu, where case '%s' has %lld: a "
                              "stage sees a leading part of each array, so only the first dimension may be smaller.",
                              i + 1, entry->argument[a].name, (long long)part, index + 1, c->name, (long long)whole);
        }
    }
    return 0;
}

static int read_stage(const struct spec_loader *loader, const struct json_place *at, const struct json_place *whole,
                      const struct spec_case *c, size_t index, struct error *err) {
    const struct spec_entry *entry = &loader->spec->entry[c->entry];
    struct spec_case *stage = &c->stage[index];

    stage->name = c->name;
    stage->hidden = c->hidden;
    stage->entry = c->entry;
    stage->gate = c->gate;
    stage->contents = c->contents;
    stage->strict_denormal = c->strict_denormal;
    stage->fresh = json_flag(at, "fresh", false);
    if (read_sizes(loader, at, c, index, stage, err) != 0 || read_scalars(loader, at, whole, index, stage, err) != 0 ||
        spec_read_shapes(loader, at, stage, err) != 0) {
        return -1;
    }
    for (size_t a = 0; a < entry->argument_count; a++) {
        const bool carried = entry->argument[a].carry < SPEC_ARGUMENTS_MAX && index > 0;
        stage->null[a] = c->null[a] && !carried;
        if (entry->argument[a].role == SPEC_SECRET || entry->argument[a].role == SPEC_MEASURE) {
            memcpy(stage->shape[a], c->shape[a], sizeof stage->shape[a]);
        }
    }
    if (check_leading(loader->spec, at, c, index, stage, err) != 0 || spec_read_reductions(loader, stage, err) != 0) {
        return -1;
    }
    return spec_copy(json_text(at, "generate", NULL), &stage->generate, err);
}

/* What a stage is handed has to be what the stage before it gave, element by element. */
static int check_carried(const struct spec *spec, const struct json_place *at, const struct spec_case *c,
                         struct error *err) {
    const struct spec_entry *entry = &spec->entry[c->entry];

    for (size_t k = 1; k < c->stage_count; k++) {
        for (size_t a = 0; a < entry->argument_count; a++) {
            const size_t from = entry->argument[a].carry;
            const size_t bytes = entry->argument[a].rank * sizeof(int64_t);
            if (from >= SPEC_ARGUMENTS_MAX || memcmp(c->stage[k].shape[a], c->stage[k - 1].shape[from], bytes) == 0) {
                continue;
            }
            return json_error(at, err,
                              "give '%s' in stage %zu another shape than '%s' has in stage %zu, which it carries; make "
                              "the two alike.",
                              entry->argument[a].name, k + 1, entry->argument[from].name, k);
        }
    }
    return 0;
}

/* The outputs of all stages are one array, with the stage as its first dimension. */
static int check_collected(const struct spec *spec, const struct json_place *at, const struct spec_case *c,
                           struct error *err) {
    const struct spec_entry *entry = &spec->entry[c->entry];

    for (size_t a = 0; a < entry->argument_count; a++) {
        const struct spec_argument *argument = &entry->argument[a];
        const int64_t bytes = spec_case_count(spec, c, a) * (int64_t)dtype_info(argument->type)->bytes;
        if (!spec_is_compared(argument)) {
            continue;
        }
        if (argument->rank == SPEC_RANK_MAX) {
            return json_error(at, err,
                              "stand in a case of '%s', whose output '%s' has %d dimensions already; with stages it "
                              "may have %d.",
                              entry->name, argument->name, SPEC_RANK_MAX, SPEC_RANK_MAX - 1);
        }
        if (bytes > SPEC_TENSOR_BYTES_MAX / (int64_t)c->stage_count) {
            return json_error(at, err,
                              "collect more than 1 GiB of '%s' over %zu stages; use smaller sizes or fewer stages.",
                              argument->name, c->stage_count);
        }
    }
    return 0;
}

static int count_stages(const struct json_place *list, size_t *count, struct error *err) {
    static const struct json_key object = {.type = JSON_OBJECT};
    const cJSON *node;
    size_t index = 0;

    *count = 0;
    cJSON_ArrayForEach(node, list->node) {
        struct json_place at = json_item(list, node, index++);
        if (json_check_value(&at, &object, err) != 0 || json_check(&at, &stage_table, err) != 0) {
            return -1;
        }
        *count += (size_t)json_number(&at, "repeat", 1);
        if (*count > SPEC_STAGES_MAX) {
            return json_error(&at, err, "makes %zu stages of them, but a case may have %d; repeat fewer.", *count,
                              SPEC_STAGES_MAX);
        }
    }
    return 0;
}

int spec_read_stages(const struct spec_loader *loader, const struct json_place *at, struct spec_case *c,
                     struct error *err) {
    struct json_place list = json_member(at, "stages");
    const cJSON *node;
    size_t count = 0, index = 0;

    if (count_stages(&list, &count, err) != 0) {
        return -1;
    }
    if (count == 0) {
        return 0;
    }
    c->stage = calloc(count, sizeof *c->stage);
    if (c->stage == NULL) {
        return error_errno(err, "no memory for the %zu stages of case '%s'", count, c->name);
    }
    cJSON_ArrayForEach(node, list.node) {
        struct json_place item = json_item(&list, node, index++);
        for (size_t left = (size_t)json_number(&item, "repeat", 1); left > 0; left--) {
            if (read_stage(loader, &item, at, c, c->stage_count++, err) != 0) {
                return -1;
            }
        }
    }
    return check_carried(loader->spec, &list, c, err) != 0 ? -1 : check_collected(loader->spec, &list, c, err);
}
