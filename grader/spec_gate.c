/* SPDX-License-Identifier: MIT */
/* Gates: the parts of a challenge that earn points one by one, and the case keys that belong to them. */
#include <string.h>

#include "grader/spec_load.h"

static const struct json_key gate_keys[] = {
    {.name = "name", .type = JSON_TEXT, .required = true, .low = 1, .high = 24, .form = &spec_form_name},
    {.name = "title", .type = JSON_TEXT, .required = true, .low = 1, .high = 80},
};
static const struct json_table gate_table = {
    .what = "a gate", .key = gate_keys, .count = sizeof gate_keys / sizeof *gate_keys};

int spec_read_gates(struct spec_loader *loader, struct error *err) {
    struct spec *spec = loader->spec;
    struct json_place root = json_root(&loader->file[SPEC_PUBLIC]), list = json_member(&root, "gates");
    const cJSON *node;

    cJSON_ArrayForEach(node, list.node) {
        struct json_place at = json_item(&list, node, spec->gate_count);
        if (json_check(&at, &gate_table, err) != 0) {
            return -1;
        }
        struct json_place name = json_member(&at, "name");
        for (size_t k = 0; k < spec->gate_count; k++) {
            if (strcmp(spec->gate[k].name, name.node->valuestring) == 0) {
                return json_error(&name, err, "is '%s', which another gate has; rename one.", spec->gate[k].name);
            }
        }
        struct spec_gate *gate = &spec->gate[spec->gate_count++];
        if (spec_copy(name.node->valuestring, &gate->name, err) != 0 ||
            spec_copy(json_text(&at, "title", NULL), &gate->title, err) != 0) {
            return -1;
        }
    }
    return 0;
}

int spec_read_case_gate(const struct spec *spec, const struct json_place *at, struct spec_case *c, struct error *err) {
    struct json_place word = json_member(at, "gate");
    const char *words[SPEC_GATES_MAX];

    if (spec->gate_count == 0) {
        return word.node == NULL ? 0
                                 : json_error(&word, err,
                                              "is '%s', but challenge.json has no 'gates'; declare it there, or "
                                              "remove it here.",
                                              word.node->valuestring);
    }
    for (size_t k = 0; k < spec->gate_count; k++) {
        words[k] = spec->gate[k].name;
    }
    return json_choice(at, "gate", words, spec->gate_count, &c->gate, err);
}

/* Candidates get a pack without hidden.json, so a gate of hidden cases alone would be an empty one for them. */
int spec_check_gates(struct spec_loader *loader, struct error *err) {
    const struct spec *spec = loader->spec;
    struct json_place root = json_root(&loader->file[SPEC_PUBLIC]), list = json_member(&root, "gates");

    for (size_t k = 0; k < spec->gate_count; k++) {
        struct json_place at = json_item(&list, NULL, k);
        bool used = false;
        for (size_t i = 0; i < spec->case_count; i++) {
            used = used || (!spec->cases[i].hidden && spec->cases[i].gate == k);
        }
        if (!used) {
            return json_error(&at, err, "is '%s', which no public case names; give a case this gate, or remove it.",
                              spec->gate[k].name);
        }
    }
    return 0;
}
