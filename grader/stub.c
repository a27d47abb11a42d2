/* SPDX-License-Identifier: MIT */
#include "grader/stub.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_tensor(const struct spec_argument *argument) {
    return argument->role != SPEC_SIZE && argument->role != SPEC_SCALAR;
}

size_t stub_reference_index(size_t entry) {
    return 2 * entry;
}

size_t stub_plain_index(size_t entry) {
    return 2 * entry + 1;
}

static void add_function(struct stub_functions *functions, const char *prefix, const char *name, size_t entry) {
    char full[64];
    snprintf(full, sizeof full, "%s_%.50s", prefix, name);
    for (size_t i = 0; i < functions->count; i++)
        if (strcmp(functions->name[i], full) == 0)
            return;
    assert(functions->count < STUB_FUNCTIONS_MAX);
    strcpy(functions->name[functions->count], full);
    functions->entry[functions->count++] = entry;
}

static void add_generators(struct stub_functions *functions, const struct spec_case *c) {
    if (c->generate != NULL)
        add_function(functions, "generate", c->generate, c->entry);
    for (size_t k = 0; k < c->stage_count; k++)
        if (c->stage[k].generate != NULL)
            add_function(functions, "generate", c->stage[k].generate, c->entry);
}

void stub_reference_functions(const struct spec *spec, struct stub_functions *functions) {
    functions->count = 0;
    for (size_t e = 0; e < spec->entry_count; e++) {
        add_function(functions, "reference", spec->entry[e].name, e);
        add_function(functions, "plain", spec->entry[e].name, e);
    }
    for (size_t i = 0; i < spec->case_count; i++)
        add_generators(functions, &spec->cases[i]);
    for (size_t t = 0; t < spec->timing_count; t++)
        for (size_t f = 0; f < spec->timing[t].family_count; f++)
            add_generators(functions, &spec->timing[t].family[f]);
    functions->first_objective = functions->count;
    for (size_t e = 0; e < spec->entry_count; e++)
        if (stub_has_objective(&spec->entry[e]))
            add_function(functions, "objective", spec->entry[e].name, e);
    functions->first_measure = functions->count;
    for (size_t e = 0; e < spec->entry_count; e++)
        if (spec_has_measures(&spec->entry[e]))
            add_function(functions, "measure", spec->entry[e].name, e);
}

/* The function of this entry among those from `first` on; it is known to be there. */
static size_t find_from(const struct stub_functions *functions, size_t first, size_t entry) {
    size_t i = first;
    while (i < functions->count && functions->entry[i] != entry)
        i++;
    assert(i < functions->count);
    return i;
}

size_t stub_objective_index(const struct spec *spec, size_t entry) {
    struct stub_functions functions;
    stub_reference_functions(spec, &functions);
    return find_from(&functions, functions.first_objective, entry);
}

size_t stub_measure_index(const struct spec *spec, size_t entry) {
    struct stub_functions functions;
    stub_reference_functions(spec, &functions);
    return find_from(&functions, functions.first_measure, entry);
}

bool stub_has_objective(const struct spec_entry *entry) {
    for (size_t a = 0; a < entry->argument_count; a++)
        if (entry->argument[a].gradient)
            return true;
    return false;
}

size_t stub_generate_index(const struct spec *spec, const char *name) {
    struct stub_functions functions;
    char full[64];
    stub_reference_functions(spec, &functions);
    snprintf(full, sizeof full, "generate_%.50s", name);
    size_t i = 0;
    while (i < functions.count && strcmp(functions.name[i], full) != 0)
        i++;
    assert(i < functions.count);
    return i;
}

enum stub_style { STUB_CONTRACT, STUB_REFERENCE, STUB_PLAIN, STUB_GENERATE, STUB_OBJECTIVE, STUB_MEASURE };

/* An objective reads its displacements where the gradients would be, and gives the loss. */
static const char *result_type(enum stub_style style) {
    return style == STUB_OBJECTIVE ? "real" : "int";
}

static bool is_constant(const struct spec_argument *argument, enum stub_style style) {
    const bool given = argument->role == SPEC_INPUT || argument->role == SPEC_SECRET;
    return (given && style != STUB_GENERATE) || (argument->gradient && style == STUB_OBJECTIVE) ||
           (spec_role_is_output(argument->role) && style == STUB_MEASURE);
}

/* Does a function of this style take the argument? */
static bool is_taken(const struct spec_argument *argument, enum stub_style style) {
    if (argument->role == SPEC_MEASURE)
        return style == STUB_MEASURE;
    return style != STUB_CONTRACT || spec_is_shown(argument);
}

static bool has_gauge(const struct spec_argument *argument) {
    return spec_role_is_output(argument->role) && argument->tolerance.rule == SPEC_RULE_GAUGE;
}

static const char *tensor_type(const struct spec_argument *argument, enum stub_style style) {
    if (style != STUB_CONTRACT && argument->type == DTYPE_F32)
        return "real";
    return dtype_info(argument->type)->c_name;
}

/* True when argument a is the first field of its parameter struct: the struct's pointer stands there. */
static bool starts_group(const struct spec_entry *entry, size_t a) {
    const char *group = entry->argument[a].group;
    return group != NULL &&
           (a == 0 || entry->argument[a - 1].group == NULL || strcmp(entry->argument[a - 1].group, group) != 0);
}

static void put_parameters(FILE *out, const struct spec_entry *entry, enum stub_style style) {
    const char *comma = "";
    for (size_t a = 0; a < entry->argument_count; a++) {
        const struct spec_argument *argument = &entry->argument[a];
        if ((argument->group != NULL && !starts_group(entry, a)) || !is_taken(argument, style))
            continue;
        if (argument->group != NULL)
            fprintf(out, "%sconst struct %s *", comma, argument->group);
        else if (is_tensor(argument))
            fprintf(out, "%s%s%s *", comma, is_constant(argument, style) ? "const " : "", tensor_type(argument, style));
        else
            fprintf(out, "%s%s", comma, dtype_info(argument->type)->c_name);
        comma = ", ";
    }
    for (size_t a = 0; a < entry->argument_count && style == STUB_REFERENCE; a++)
        if (has_gauge(&entry->argument[a]))
            fprintf(out, ", real *");
}

static void put_structs(FILE *out, const struct spec_entry *entry) {
    for (size_t a = 0; a < entry->argument_count; a++) {
        const struct spec_argument *argument = &entry->argument[a];
        if (starts_group(entry, a))
            fprintf(out, "        const struct %s %s_ = {", argument->group, argument->group_name);
        if (argument->group == NULL)
            continue;
        fprintf(out, ".%s = (%s)value[%zu], ", argument->name, dtype_info(argument->type)->c_name, a);
        bool last =
            a + 1 == entry->argument_count || entry->argument[a + 1].group == NULL || starts_group(entry, a + 1);
        if (last)
            fprintf(out, "};\n");
    }
}

static void put_arguments(FILE *out, const struct spec_entry *entry, enum stub_style style) {
    const char *comma = "";
    for (size_t a = 0; a < entry->argument_count; a++) {
        const struct spec_argument *argument = &entry->argument[a];
        if ((argument->group != NULL && !starts_group(entry, a)) || !is_taken(argument, style))
            continue;
        if (argument->group != NULL)
            fprintf(out, "%s&%s_", comma, argument->group_name);
        else if (is_tensor(argument))
            fprintf(out, "%spointer[%zu]", comma, a);
        else
            fprintf(out, "%s(%s)value[%zu]", comma, dtype_info(argument->type)->c_name, a);
        comma = ", ";
    }
    size_t place = entry->argument_count;
    for (size_t a = 0; a < entry->argument_count && style != STUB_CONTRACT; a++) {
        if (!has_gauge(&entry->argument[a]))
            continue;
        if (style == STUB_REFERENCE)
            fprintf(out, ", pointer[%zu]", place);
        place++;
    }
}

/* The loss goes where the first gradient would: the objective has read its displacements by then. */
static void put_call(FILE *out, const struct spec_entry *entry, enum stub_style style) {
    size_t a = 0;
    while (a < entry->argument_count && !entry->argument[a].gradient)
        a++;
    if (style == STUB_OBJECTIVE)
        fprintf(out, "        *(real *)pointer[%zu] = call(", a);
    else
        fprintf(out, "        return call(");
    put_arguments(out, entry, style);
    fprintf(out, style == STUB_OBJECTIVE ? ");\n        return 0;\n" : ");\n");
}

static void put_case(FILE *out, const struct spec_entry *entry, size_t index, enum stub_style style) {
    fprintf(out, "    case %zu: {\n", index);
    put_structs(out, entry);
    fprintf(out, "        %s (*call)(", result_type(style));
    put_parameters(out, entry, style);
    fprintf(out, ") = (%s (*)(", result_type(style));
    put_parameters(out, entry, style);
    fprintf(out, "))function[%zu];\n", index);
    put_call(out, entry, style);
    fprintf(out, "    }\n");
}

static const char stub_head[] =
    "int harness_stub_call(unsigned function_index, void *const *function, void *const *pointer, "
    "const double *value);\n"
    "int harness_stub_call(unsigned function_index, void *const *function, void *const *pointer, "
    "const double *value) {\n"
    "    (void)pointer, (void)value;\n"
    "    switch (function_index) {\n";
static const char stub_tail[] = "    default: return -1;\n    }\n}\n";

/* Each line compares one statement of the spec with the header, so the compiler's message names what disagrees. */
static void put_contract_checks(FILE *out, const struct spec_entry *entry) {
    fprintf(out, "_Static_assert(__builtin_types_compatible_p(__typeof__(%s), int(", entry->name);
    put_parameters(out, entry, STUB_CONTRACT);
    fprintf(out, ")), \"the prototype of %s in the header differs from challenge.json\");\n", entry->name);
    for (size_t a = 0; a < entry->argument_count; a++) {
        const struct spec_argument *argument = &entry->argument[a];
        if (argument->group != NULL)
            fprintf(out,
                    "_Static_assert(__builtin_types_compatible_p(__typeof__(((struct %s *)0)->%s), %s), \"%s.%s in the "
                    "header is not the %s that challenge.json says\");\n",
                    argument->group, argument->name, dtype_info(argument->type)->c_name, argument->group,
                    argument->name, dtype_info(argument->type)->name);
    }
}

static char *finish(FILE *out, char **text) {
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(*text);
        return NULL;
    }
    return *text;
}

char *stub_candidate_text(const struct spec *spec) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    fprintf(out, "#include <stdint.h>\n#include \"%s.h\"\n", spec->id);
    for (size_t e = 0; e < spec->entry_count; e++)
        put_contract_checks(out, &spec->entry[e]);
    fputs(stub_head, out);
    for (size_t e = 0; e < spec->entry_count; e++)
        put_case(out, &spec->entry[e], e, STUB_CONTRACT);
    fputs(stub_tail, out);
    return finish(out, &text);
}

static enum stub_style style_of(const struct spec *spec, const struct stub_functions *functions, size_t i) {
    if (i >= functions->first_measure)
        return STUB_MEASURE;
    if (i >= functions->first_objective)
        return STUB_OBJECTIVE;
    if (i >= 2 * spec->entry_count)
        return STUB_GENERATE;
    return i % 2 == 0 ? STUB_REFERENCE : STUB_PLAIN;
}

char *stub_reference_text(const struct spec *spec) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    struct stub_functions functions;
    stub_reference_functions(spec, &functions);
    fprintf(out, "#include <stdint.h>\n");
    fputs(stub_head, out);
    for (size_t i = 0; i < functions.count; i++)
        put_case(out, &spec->entry[functions.entry[i]], i, style_of(spec, &functions, i));
    fputs(stub_tail, out);
    return finish(out, &text);
}

char *stub_prototypes_text(const struct spec *spec) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    struct stub_functions functions;
    stub_reference_functions(spec, &functions);
    fprintf(out, "#include \"reference/real.h\"\n#include \"%s.h\"\n", spec->id);
    for (size_t i = 0; i < functions.count; i++) {
        fprintf(out, "%s %s(", result_type(style_of(spec, &functions, i)), functions.name[i]);
        put_parameters(out, &spec->entry[functions.entry[i]], style_of(spec, &functions, i));
        fprintf(out, ");\n");
    }
    return finish(out, &text);
}
