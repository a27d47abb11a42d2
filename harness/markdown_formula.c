/* SPDX-License-Identifier: MIT */
/* LaTeX formulas in plain letters, good enough to be read in a terminal. */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/heap.h"
#include "harness/markdown.h"

static const struct {
    const char *command, *plain;
} WORD[] = {
    {"cdot", "*"},    {"times", "x"},       {"le", "<="},         {"leq", "<="},       {"ge", ">="},
    {"geq", ">="},    {"ne", "!="},         {"neq", "!="},        {"ll", "<<"},        {"gg", ">>"},
    {"infty", "inf"}, {"ldots", "..."},     {"dots", "..."},      {"cdots", "..."},    {"quad", "  "},
    {"qquad", "   "}, {"left", ""},         {"right", ""},        {"approx", "~"},     {"sim", "~"},
    {"to", "->"},     {"mapsto", "->"},     {"rightarrow", "->"}, {"leftarrow", "<-"}, {"gets", "<-"},
    {"partial", "d"}, {"nabla", "grad"},    {"pm", "+-"},         {"odot", "*"},       {"lVert", "||"},
    {"rVert", "||"},  {"Vert", "||"},       {"lfloor", "floor("}, {"rfloor", ")"},     {"lceil", "ceil("},
    {"rceil", ")"},   {"langle", "<"},      {"rangle", ">"},      {"top", "T"},        {"mid", "|"},
    {"big", ""},      {"Big", ""},          {"bigl", ""},         {"bigr", ""},        {"begin", ""},
    {"end", ""},      {"displaystyle", ""}, {"limits", ""},       {"hfill", ""},       {"log", "log"},
    {"text", ""},     {"mathrm", ""},       {"mathbf", ""},       {"mathbb", ""},      {"mathcal", ""},
    {"mathit", ""},   {"operatorname", ""}, {"boldsymbol", ""},   {"bar", ""},         {"hat", ""},
    {"tilde", ""},    {"mathsf", ""},       {"textbf", ""},       {"texttt", ""},
};

static const char *formula(FILE *out, const char *at, const char *end, bool braced);

/* One argument: a braced group or one character. */
static char *take_argument(const char **at, const char *end) {
    struct heap_text into;
    heap_text_open(&into);
    while (*at < end && **at == ' ')
        (*at)++;
    if (*at < end && **at == '{')
        *at = formula(into.stream, *at + 1, end, true);
    else if (*at < end && **at == '\\') {
        const char *stop = *at + 1;
        while (stop < end && isalpha((unsigned char)*stop))
            stop++;
        formula(into.stream, *at, stop > *at + 1 ? stop : end, false);
        *at = stop;
    } else if (*at < end)
        fputc(*(*at)++, into.stream);
    return heap_text_take(&into, NULL);
}

/* A fraction, root or script: brackets only where they are needed. */
static void put_group(FILE *out, const char *text, bool always) {
    bool simple = text[0] != '\0' && text[strcspn(text, " +-*/=<>,")] == '\0';
    fprintf(out, simple && !always ? "%s" : "(%s)", text);
}

static const char *put_command(FILE *out, const char *at, const char *end) {
    size_t length = 0;
    while (at + length < end && isalpha((unsigned char)at[length]))
        length++;
    if (length == 0) { /* \, \; \! are spaces, \{ \} \| \_ themselves */
        if (at < end && strchr(",;:! \\", *at) == NULL)
            fputc(*at, out);
        else if (at < end && *at != '!')
            fputc(' ', out);
        return at < end ? at + 1 : end;
    }
    const char *name = at;
    at += length;
    if (length == 4 && strncmp(name, "frac", 4) == 0) {
        char *above = take_argument(&at, end), *below = take_argument(&at, end);
        put_group(out, above, false);
        fputc('/', out);
        put_group(out, below, false);
        free(above);
        free(below);
        return at;
    }
    if (length == 4 && strncmp(name, "sqrt", 4) == 0) {
        char *under = take_argument(&at, end);
        fputs("sqrt", out);
        put_group(out, under, true);
        free(under);
        return at;
    }
    for (size_t i = 0; i < sizeof WORD / sizeof WORD[0]; i++) {
        if (strlen(WORD[i].command) == length && strncmp(WORD[i].command, name, length) == 0) {
            fputs(WORD[i].plain, out);
            return at;
        }
    }
    fwrite(name, 1, length, out); /* Greek letters, sum, max, exp: their own names */
    return at;
}

/* Up to `end`, or to the closing brace. Returns where to go on. */
static const char *formula(FILE *out, const char *at, const char *end, bool braced) {
    while (at < end) {
        char c = *at++;
        if (c == '\\') {
            at = put_command(out, at, end);
        } else if (c == '{') {
            at = formula(out, at, end, true);
        } else if (c == '}') {
            if (braced)
                return at;
        } else if (c == '_' || c == '^') {
            char *script = take_argument(&at, end);
            fputc(c, out);
            put_group(out, script, false);
            free(script);
        } else if (c != '&') {
            fputc(c == '~' || c == '\n' ? ' ' : c, out);
        }
    }
    return end;
}

char *markdown_formula(const char *text, size_t size) {
    struct heap_text into;
    heap_text_open(&into);
    formula(into.stream, text, text + size, false);
    return heap_text_take(&into, NULL);
}
