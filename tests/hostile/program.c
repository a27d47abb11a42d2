/* SPDX-License-Identifier: MIT */
#include "tests/hostile/program.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 1024 };

__attribute__((format(printf, 2, 3))) static void blame(struct program *program, const char *format, ...) {
    va_list arguments;
    if (program->fault[0] != '\0')
        return;
    va_start(arguments, format);
    vsnprintf(program->fault, sizeof program->fault, format, arguments);
    va_end(arguments);
}

static char *trim(char *text) {
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
        text[--length] = '\0';
    return text;
}

/* "passed | wrong_answer" to bits; 0 if a code is not known. */
static uint32_t read_codes(char *text) {
    uint32_t bits = 0;
    for (char *code; (code = strsep(&text, "|")) != NULL;) {
        enum verdict verdict = verdict_from_code(trim(code));
        if (verdict == VERDICT_COUNT)
            return 0;
        bits |= UINT32_C(1) << verdict;
    }
    return bits;
}

/* The attack itself may be told with an arrow in it: the last one counts. */
static char *last_arrow(char *text) {
    char *found = NULL;
    for (char *next = text; (next = strstr(next, "=>")) != NULL; next += 2)
        found = next;
    return found;
}

static void read_first_line(char *text, struct program *program) {
    char *arrow = last_arrow(text), *colon = strchr(text, ':');
    if (arrow == NULL || colon == NULL || colon > arrow) {
        blame(program, "its first line is not `// ROW: attack => verdict`");
        return;
    }
    *colon = '\0';
    snprintf(program->row, sizeof program->row, "%.11s", trim(text));
    uint32_t bits = read_codes(arrow + 2);
    if (bits == 0)
        blame(program, "its first line promises no verdict that there is");
    for (int level = 0; level < PROGRAM_LEVELS; level++)
        program->promised[level] = bits;
}

static void read_pack(char *text, struct program *program) {
    snprintf(program->pack, sizeof program->pack, "%.63s", trim(text));
}

static void read_words(char *text, struct program *program) {
    const struct {
        const char *word;
        bool *flag;
    } known[] = {{"timing", &program->timing}, {"files", &program->files}, {"system", &program->system}};
    for (char *word; (word = strsep(&text, " ,\t")) != NULL;) {
        bool found = *word == '\0';
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (strcmp(word, known[i].word) == 0)
                found = *known[i].flag = true;
        if (!found)
            blame(program, "`test:` knows timing, files and system, not '%.40s'", word);
    }
}

static void read_reports(char *text, struct program *program) {
    snprintf(program->reports, sizeof program->reports, "%.63s", trim(text));
}

static const struct directive {
    const char *name;
    void (*read)(char *text, struct program *program);
} directives[] = {{"harness:", read_pack}, {"test:", read_words}, {"reports:", read_reports}};

/* "at C D: => passed"; a sentence that merely starts with `at` is left alone. */
static void read_override(char *text, struct program *program) {
    char *letters = text + 2, *end = letters + strspn(letters, " ABCD");
    if (strncmp(text, "at ", 3) != 0 || *end != ':')
        return;
    char *arrow = last_arrow(end);
    uint32_t bits = arrow != NULL ? read_codes(arrow + 2) : 0;
    if (bits == 0)
        blame(program, "a line `// at %.8s` promises no verdict that there is", trim(letters));
    for (; letters < end; letters++)
        if (*letters != ' ')
            program->promised[*letters - 'A'] = bits;
}

static void read_line(char *text, struct program *program) {
    text = trim(text);
    for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
        size_t length = strlen(directives[i].name);
        if (strncmp(text, directives[i].name, length) == 0)
            directives[i].read(trim(text + length), program);
    }
    read_override(text, program);
}

void program_read(const char *path, const char *family, const char *file, struct program *program) {
    char line[LINE_BYTES];
    *program = (struct program){0};
    snprintf(program->path, sizeof program->path, "%s", path);
    snprintf(program->family, sizeof program->family, "%.31s", family);
    snprintf(program->file, sizeof program->file, "%.95s", file);
    snprintf(program->name, sizeof program->name, "%.31s/%.*s", family, (int)strcspn(file, "."), file);
    FILE *stream = fopen(path, "re");
    if (stream == NULL) {
        blame(program, "it cannot be read");
        return;
    }
    for (bool first = true; fgets(line, sizeof line, stream) != NULL && strncmp(line, "//", 2) == 0; first = false) {
        if (first)
            read_first_line(line + 2, program);
        else
            read_line(line + 2, program);
    }
    fclose(stream);
    if (program->promised[0] == 0)
        blame(program, "its first line is not `// ROW: attack => verdict`");
    if (program->pack[0] == '\0')
        blame(program, "its head has no line `// harness: ID`");
}

bool program_promises(const struct program *program, int level, enum verdict verdict) {
    return verdict < VERDICT_COUNT && (program->promised[level] >> verdict & 1) != 0;
}

void program_promise_text(const struct program *program, int level, char *text, size_t size) {
    text[0] = '\0';
    for (int verdict = 0; verdict < VERDICT_COUNT; verdict++) {
        size_t used = strlen(text);
        if (program_promises(program, level, (enum verdict)verdict))
            snprintf(text + used, size - used, "%s%s", used > 0 ? " | " : "", verdict_code((enum verdict)verdict));
    }
}
