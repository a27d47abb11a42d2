/* SPDX-License-Identifier: MIT */
/* The C prototype of an entry, as text for people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/spec_load.h"

enum { COLUMNS = 72, INDENT_MAX = 32 };

/* "const float *q", "struct p's pointer", "int32_t n": one parameter of the prototype. */
static void print_parameter(const struct spec_argument *argument, char *text, size_t size) {
    const char *type = dtype_info(argument->type)->c_name;

    if (argument->group != NULL) {
        snprintf(text, size, "const struct %s *%s", argument->group, argument->group_name);
    } else if (!spec_is_tensor(argument)) {
        snprintf(text, size, "%s %s", type, argument->name);
    } else {
        snprintf(text, size, "%s%s *%s", argument->role == SPEC_INPUT ? "const " : "", type, argument->name);
    }
}

/* Fields of the same parameter struct stand side by side and are one parameter together. */
static bool continues_group(const struct spec_entry *entry, size_t a) {
    return a > 0 && entry->argument[a].group != NULL && entry->argument[a - 1].group_name != NULL &&
           strcmp(entry->argument[a].group_name, entry->argument[a - 1].group_name) == 0;
}

char *spec_prototype(const struct spec *spec, size_t e) {
    const struct spec_entry *entry = &spec->entry[e];
    char *text = NULL, piece[200];
    size_t size = 0, column, indent;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL) {
        return NULL;
    }
    column = (size_t)fprintf(out, "int %s(", entry->name);
    indent = column <= INDENT_MAX ? column : 4;
    for (size_t a = 0; a < entry->argument_count; a++) {
        if (continues_group(entry, a) || !spec_is_shown(&entry->argument[a])) {
            continue;
        }
        print_parameter(&entry->argument[a], piece, sizeof piece);
        if (a > 0 && column + strlen(", ") + strlen(piece) + strlen(");") > COLUMNS) {
            fprintf(out, ",\n%*s%s", (int)indent, "", piece);
            column = indent + strlen(piece);
        } else {
            column += (size_t)fprintf(out, "%s%s", a > 0 ? ", " : "", piece);
        }
    }
    fputs(");", out);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
