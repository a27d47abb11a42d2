/* SPDX-License-Identifier: MIT */
/* The spelling of a command line: unknown options, abbreviations, missing values. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "grader/error.h"
#include "grader/names.h"
#include "harness/options_table.h"

enum { NAMES_MAX = 48 };

static const struct argp_option *const TABLE[] = {OPTIONS_GLOBAL, OPTIONS_OWN};

static bool is_end(const struct argp_option *option) {
    return option->name == NULL && option->key == 0 && option->doc == NULL;
}

/* By long name (`length` bytes of it) or, with length 0, by key. */
static const struct argp_option *find(const char *name, size_t length, int key, bool *of_command) {
    for (size_t t = 0; t < sizeof TABLE / sizeof TABLE[0]; t++) {
        for (const struct argp_option *o = TABLE[t]; !is_end(o); o++) {
            *of_command = TABLE[t] == OPTIONS_OWN;
            if (length == 0 && key != 0 && o->key == key)
                return o;
            if (length > 0 && o->name != NULL && strncmp(o->name, name, length) == 0 && o->name[length] == '\0')
                return o;
        }
    }
    return NULL;
}

/* The one option that `name` abbreviates, else the nearest one, else NULL. */
static const char *suggest(const char *name, size_t length) {
    const char *names[NAMES_MAX], *begins = NULL;
    size_t count = 0, beginnings = 0;
    char wrong[64];
    for (size_t t = 0; t < sizeof TABLE / sizeof TABLE[0]; t++) {
        for (const struct argp_option *o = TABLE[t]; !is_end(o); o++) {
            if (o->name == NULL || (o->flags & OPTION_HIDDEN) != 0 || count == NAMES_MAX)
                continue;
            names[count++] = o->name;
            if (length > 0 && strncmp(o->name, name, length) == 0) {
                begins = o->name;
                beginnings++;
            }
        }
    }
    if (beginnings == 1)
        return begins;
    if (length >= sizeof wrong)
        return NULL;
    memcpy(wrong, name, length);
    wrong[length] = '\0';
    return names_nearest(wrong, names, count);
}

static int unknown(const char *spelled, const char *name, size_t length, struct error *err) {
    const char *near = suggest(name, length);
    int shown = (int)(length + (size_t)(name - spelled));
    if (near != NULL)
        return error_set(err, ERROR_USER, "there is no option '%.*s'; did you mean '--%s'?", shown, spelled, near);
    return error_set(err, ERROR_USER, "there is no option '%.*s'; `harness --help` shows all.", shown, spelled);
}

static void note(const struct argp_option *option, bool of_command, const char *spelled, struct options_scan *scan) {
    scan->help |= option->key == 'h';
    scan->version |= option->key == OPTION_VERSION;
    if (of_command && scan->noted < OPTIONS_NOTED) {
        scan->note[scan->noted].spelled = spelled;
        scan->note[scan->noted++].users = options_users(option->key);
    }
}

/* `*takes_next`: its value is the next word. */
static int scan_long(const char *spelled, struct options_scan *scan, bool *takes_next, struct error *err) {
    const char *name = spelled + 2;
    size_t length = strcspn(name, "=");
    bool of_command = false, has_value = name[length] == '=';
    const struct argp_option *option = length > 0 ? find(name, length, 0, &of_command) : NULL;
    if (option == NULL)
        return unknown(spelled, name, length, err);
    note(option, of_command, spelled, scan);
    if (has_value && option->arg == NULL)
        return error_set(err, ERROR_USER, "option '--%s' takes no value.", option->name);
    *takes_next = option->arg != NULL && !has_value;
    return 0;
}

/* Letters together, of which the last may have its value behind it (-j2) or in the next word. */
static int scan_short(const char *spelled, struct options_scan *scan, bool *takes_next, struct error *err) {
    const size_t length = strcspn(spelled + 1, "=");
    for (const char *letter = spelled + 1; *letter != '\0'; letter++) {
        bool of_command = false;
        /* One dash before a long name is no letter with a value. */
        if (length > 1 && find(spelled + 1, length, 0, &of_command) != NULL)
            return unknown(spelled, spelled + 1, length, err);
        const struct argp_option *option = find("", 0, (unsigned char)*letter, &of_command);
        if (option == NULL && spelled[2] != '\0')
            return unknown(spelled, spelled + 1, length, err);
        if (option == NULL)
            return error_set(err, ERROR_USER, "there is no option '%s'; `harness --help` shows all.", spelled);
        note(option, of_command, spelled, scan);
        if (option->arg != NULL) {
            *takes_next = letter[1] == '\0';
            return 0;
        }
    }
    return 0;
}

/* The first mistake is the one that is told, but the rest is still looked at: a -h behind it asks for help. */
int options_scan(int argc, char **argv, struct options_scan *scan, struct error *err) {
    struct error later;
    int result = 0;
    bool words_only = false;
    *scan = (struct options_scan){0};
    for (int i = 1; i < argc; i++) {
        struct error *into = result == 0 ? err : &later;
        bool takes_next = false;
        int wrong = 0;
        if (!words_only && strcmp(argv[i], "--") == 0) {
            words_only = true;
        } else if (!words_only && strncmp(argv[i], "--", 2) == 0) {
            wrong = scan_long(argv[i], scan, &takes_next, into);
        } else if (!words_only && argv[i][0] == '-' && argv[i][1] != '\0') {
            wrong = scan_short(argv[i], scan, &takes_next, into);
        } else if (scan->command == NULL) {
            scan->command = argv[i];
            scan->command_index = i;
        }
        if (takes_next && i + 1 >= argc)
            wrong = error_set(into, ERROR_USER, "option '%s' needs a value.", argv[i]);
        i += takes_next;
        result = wrong != 0 ? wrong : result;
    }
    return result;
}
