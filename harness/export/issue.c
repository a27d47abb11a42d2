/* SPDX-License-Identifier: MIT */
/* See issue.h. */
#include "harness/export/issue.h"

#include <ctype.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/heap.h"
#include "harness/result/cause.h"
#include "harness/text_escape.h"

enum { HASH_BYTES = (ISSUE_FINGERPRINT - 1) / 2 };

static const enum issue_severity SEVERITY[VERDICT_COUNT] = {
    [VERDICT_PASSED] = ISSUE_INFO,
    [VERDICT_WRONG_ANSWER] = ISSUE_MAJOR,
    [VERDICT_NOT_FINITE] = ISSUE_MAJOR,
    [VERDICT_UNWRITTEN_OUTPUT] = ISSUE_MAJOR,
    [VERDICT_OUT_OF_BOUNDS] = ISSUE_CRITICAL,
    [VERDICT_TOO_SLOW] = ISSUE_MINOR,
    [VERDICT_TIME_LIMIT] = ISSUE_CRITICAL,
    [VERDICT_MEMORY_LIMIT] = ISSUE_CRITICAL,
    [VERDICT_CRASHED] = ISSUE_CRITICAL,
    [VERDICT_EXITED] = ISSUE_CRITICAL,
    [VERDICT_FORBIDDEN_CALL] = ISSUE_CRITICAL,
    [VERDICT_TAMPERED] = ISSUE_CRITICAL,
    [VERDICT_COMPILE_ERROR] = ISSUE_BLOCKER,
    [VERDICT_REJECTED_BINARY] = ISSUE_BLOCKER,
    [VERDICT_UNSTABLE] = ISSUE_INFO,
    [VERDICT_CHALLENGE_ERROR] = ISSUE_INFO,
    [VERDICT_HARNESS_ERROR] = ISSUE_INFO,
    [VERDICT_SKIPPED] = ISSUE_INFO,
};

const char *issue_severity_word(enum issue_severity severity) {
    static const char *const WORD[] = {[ISSUE_BLOCKER] = "blocker",
                                       [ISSUE_CRITICAL] = "critical",
                                       [ISSUE_MAJOR] = "major",
                                       [ISSUE_MINOR] = "minor",
                                       [ISSUE_INFO] = "info"};
    return WORD[severity];
}

/* Behind `folder` and a slash, or NULL. */
static const char *inside(const char *path, const char *folder) {
    size_t length = folder != NULL ? strlen(folder) : 0;
    while (length > 0 && folder[length - 1] == '/')
        length--;
    return length > 0 && strncmp(path, folder, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

/* Both platforms want the path from the top of the repository, which is where a job begins. */
static char *path_in_repository(const char *path) {
    static const char *const FOLDER[] = {"GITHUB_WORKSPACE", "CI_PROJECT_DIR"};
    const char *found = NULL;
    char *here = getcwd(NULL, 0);
    for (size_t i = 0; i < sizeof FOLDER / sizeof FOLDER[0] && found == NULL; i++)
        found = inside(path, getenv(FOLDER[i]));
    if (found == NULL)
        found = inside(path, here);
    if (found == NULL)
        found = path;
    while (strncmp(found, "./", 2) == 0)
        found += 2 + strspn(found + 2, "/");
    char *clean = text_utf8(found, strlen(found));
    free(here);
    return clean;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* The line in "file.c:41 in function"; 1 when there is none. */
static int64_t line_of(const char *place) {
    int64_t line = 1;
    for (const char *at = strchr(place, ':'); at != NULL; at = strchr(at + 1, ':')) {
        char *end;
        long long value = isdigit((unsigned char)at[1]) ? strtoll(at + 1, &end, 10) : 0;
        if (value > 0 && value < INT32_MAX && (*end == '\0' || strncmp(end, " in ", 4) == 0))
            line = value;
    }
    return line;
}

/* A list that is being made, and whose turn it is. */
struct finder {
    struct issues *issues;
    const struct export_item *item;
    size_t index, place;
};

/* `key` tells this mistake from the others of the same check; `words` is taken. */
static void add(struct finder *finder, enum issue_severity severity, const char *check, const char *key, char *words,
                const char *path, int64_t line, int64_t column) {
    struct issues *all = finder->issues;
    if ((all->count & (all->count - 1)) == 0)
        all->issue = heap_resize(all->issue, all->count > 0 ? 2 * all->count : 1, sizeof all->issue[0]);
    struct issue *issue = &all->issue[all->count++];
    *issue = (struct issue){.item = finder->index,
                            .place = finder->place++,
                            .severity = severity,
                            .check = check,
                            .path = path_in_repository(path),
                            .line = line > 0 ? line : 1,
                            .column = column > 0 ? column : 0,
                            .words = text_line(words)};
    const char *whose = finder->item->task[0] != '\0' ? finder->item->task : issue->path;
    const char *const part[] = {whose, check, key};
    unsigned char hash[HASH_BYTES];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
        crypto_generichash_update(&state, (const unsigned char *)part[i], strlen(part[i]) + 1);
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(issue->fingerprint, sizeof issue->fingerprint, hash, sizeof hash);
    free(words);
}

static void add_messages(struct finder *finder) {
    const struct result *r = finder->item->result;
    for (size_t i = 0; i < r->diagnostic_count; i++) {
        const struct result_diagnostic *d = &r->diagnostic[i];
        bool error = strstr(d->kind, "error") != NULL;
        if (!error && strstr(d->kind, "warning") == NULL)
            continue;
        /* The compiler knows the file by its last name only. */
        bool own = d->file[0] == '\0' || strcmp(base_name(d->file), base_name(r->file)) == 0;
        add(finder, error ? ISSUE_BLOCKER : ISSUE_MINOR, error ? "compiler_error" : "compiler_warning", d->message,
            heap_format("%s", d->message), own ? r->file : d->file, d->line, d->column);
    }
}

static bool failed(enum verdict verdict) {
    return verdict != VERDICT_PASSED && verdict != VERDICT_SKIPPED;
}

/* One for all hidden cases: apart from each other they would tell nothing more. */
static void add_cases(struct finder *finder) {
    const struct result *r = finder->item->result;
    const struct result_case *hidden = NULL;
    size_t hidden_failed = 0;
    for (size_t i = 0; i < r->case_count; i++) {
        const struct result_case *c = &r->cases[i];
        if (!failed(c->verdict))
            continue;
        if (c->hidden) {
            hidden = hidden != NULL ? hidden : c;
            hidden_failed++;
            continue;
        }
        char *cause = cause_of_case(c);
        add(finder, SEVERITY[c->verdict], verdict_code(c->verdict), c->name, heap_format("case %s: %s", c->name, cause),
            r->file, line_of(c->place), 0);
        free(cause);
    }
    if (hidden != NULL)
        add(finder, SEVERITY[hidden->verdict], verdict_code(hidden->verdict), "hidden",
            heap_format("%zu hidden case%s not passed: %s", hidden_failed, hidden_failed == 1 ? "" : "s",
                        verdict_sentence(hidden->verdict)),
            r->file, 1, 0);
}

static void add_timing(struct finder *finder) {
    const struct result *r = finder->item->result;
    for (size_t i = 0; i < r->timing_count; i++) {
        const struct result_timing *t = &r->timing[i];
        if (!failed(t->verdict))
            continue;
        char *cause = cause_of_timing(t), *key = heap_format("speed %s", t->name);
        add(finder, SEVERITY[t->verdict], verdict_code(t->verdict), key, heap_format("%s: %s", t->name, cause), r->file,
            1, 0);
        free(key);
        free(cause);
    }
}

/* A submission that was not accepted has at least one issue that says why. */
static void find_of_item(struct finder *finder) {
    const struct result *r = finder->item->result;
    size_t before = finder->issues->count;
    bool said = r->verdict == VERDICT_PASSED;
    add_messages(finder);
    if (r->built && failed(r->build_verdict))
        for (size_t i = before; i < finder->issues->count; i++)
            said = said || finder->issues->issue[i].severity == ISSUE_BLOCKER;
    add_cases(finder);
    add_timing(finder);
    for (size_t i = before; i < finder->issues->count; i++)
        said = said || strcmp(finder->issues->issue[i].check, verdict_code(r->verdict)) == 0;
    if (!said)
        add(finder, SEVERITY[r->verdict], verdict_code(r->verdict), "whole", cause_of_result(r), r->file, 1, 0);
}

static int compare_fingerprints(const void *a, const void *b) {
    const struct issue *left = *(struct issue *const *)a, *right = *(struct issue *const *)b;
    int order = strcmp(left->fingerprint, right->fingerprint);
    return order != 0 ? order : (left > right) - (left < right);
}

/* GitLab shows one issue for each fingerprint, so the second of two equal ones counts on. */
static void make_unique(struct issues *issues) {
    struct issue **sorted = heap_zeroed(issues->count, sizeof(struct issue *));
    char first[ISSUE_FINGERPRINT] = "";
    uint64_t number = 0;
    for (size_t i = 0; i < issues->count; i++)
        sorted[i] = &issues->issue[i];
    qsort(sorted, issues->count, sizeof sorted[0], compare_fingerprints);
    for (size_t i = 0; i < issues->count; i++) {
        if (strcmp(sorted[i]->fingerprint, first) != 0) {
            memcpy(first, sorted[i]->fingerprint, sizeof first);
            number = 0;
            continue;
        }
        unsigned char hash[HASH_BYTES];
        char *text = heap_format("%s %" PRIu64, first, ++number);
        crypto_generichash(hash, sizeof hash, (const unsigned char *)text, strlen(text), NULL, 0);
        sodium_bin2hex(sorted[i]->fingerprint, sizeof sorted[i]->fingerprint, hash, sizeof hash);
        free(text);
    }
    free(sorted);
}

void issues_find(const struct export_item *item, size_t count, struct issues *issues) {
    *issues = (struct issues){0};
    for (size_t i = 0; i < count; i++) {
        struct finder finder = {issues, &item[i], i, 0};
        find_of_item(&finder);
    }
    make_unique(issues);
}

void issues_release(struct issues *issues) {
    for (size_t i = 0; i < issues->count; i++) {
        free(issues->issue[i].path);
        free(issues->issue[i].words);
    }
    free(issues->issue);
    *issues = (struct issues){0};
}
