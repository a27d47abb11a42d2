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

/* Groups nested deeper lose their braces: the file comes from elsewhere and must not use up the stack. */
enum { DEPTH_MAX = 32 };

static const char *formula(FILE *out, const char *at, const char *end, bool braced, int depth);

/* One argument: a braced group, a command by itself, or one character. */
static char *take_argument(const char **at, const char *end, int depth) {
    struct heap_text into;
    heap_text_open(&into);
    while (*at < end && **at == ' ')
        (*at)++;
    if (*at < end && **at == '{' && depth < DEPTH_MAX)
        *at = formula(into.stream, *at + 1, end, true, depth + 1);
    else if (*at < end && **at == '\\') {
        const char *stop = *at + 1;
        while (stop < end && isalpha((unsigned char)*stop))
            stop++;
        if (stop < end && stop == *at + 1) /* \, and its like are one character long */
            stop++;
        formula(into.stream, *at, stop, false, depth + 1);
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

static const char *put_command(FILE *out, const char *at, const char *end, int depth) {
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
        char *above = take_argument(&at, end, depth), *below = take_argument(&at, end, depth);
        put_group(out, above, false);
        fputc('/', out);
        put_group(out, below, false);
        free(above);
        free(below);
        return at;
    }
    if (length == 4 && strncmp(name, "sqrt", 4) == 0) {
        char *under = take_argument(&at, end, depth);
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
static const char *formula(FILE *out, const char *at, const char *end, bool braced, int depth) {
    while (at < end) {
        char c = *at++;
        if (c == '\\') {
            at = put_command(out, at, end, depth);
        } else if (c == '{') {
            at = depth < DEPTH_MAX ? formula(out, at, end, true, depth + 1) : at;
        } else if (c == '}') {
            if (braced)
                return at;
        } else if (c == '_' || c == '^') {
            char *script = take_argument(&at, end, depth);
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
    formula(into.stream, text, text + size, false, 0);
    return heap_text_take(&into, NULL);
}
