/* SPDX-License-Identifier: MIT */
/* The texts of the verdicts, all made from the one list in verdict.h. */
#include "grader/verdict.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

struct verdict_text {
    const char *code, *title, *sentence;
};

#define VERDICT_TEXT(name, json, screen, words) [VERDICT_##name] = {.code = json, .title = screen, .sentence = words},
static const struct verdict_text verdict_text[VERDICT_COUNT] = {VERDICT_LIST(VERDICT_TEXT)};
#undef VERDICT_TEXT

static const struct verdict_text *verdict_find(enum verdict verdict) {
    assert((unsigned)verdict < VERDICT_COUNT);
    return &verdict_text[verdict];
}

const char *verdict_code(enum verdict verdict) {
    return verdict_find(verdict)->code;
}

const char *verdict_title(enum verdict verdict) {
    return verdict_find(verdict)->title;
}

const char *verdict_sentence(enum verdict verdict) {
    return verdict_find(verdict)->sentence;
}

enum verdict verdict_from_code(const char *code) {
    for (int i = 0; i < VERDICT_COUNT; i++)
        if (strcmp(verdict_text[i].code, code) == 0)
            return (enum verdict)i;
    return VERDICT_COUNT;
}
