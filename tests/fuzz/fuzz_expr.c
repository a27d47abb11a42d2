/* SPDX-License-Identifier: MIT */
/* Expressions of sizes: eight bytes a value for the names b, t, d and scale, then the text. A value is within its
 * limits, and where whole-number arithmetic gives one, real arithmetic gives the same: the two differ in what they
 * refuse and in nothing else. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "grader/expr.h"
#include "tests/fuzz/fuzz.h"

static void must_explain(const char *text, const struct error *err) {
    char start[32];
    unsigned long place = 0;
    snprintf(start, sizeof start, "%.31s", err->text);
    if (strlen(text) > EXPR_LENGTH_MAX) {
        MUST(strstr(err->text, "longer than") != NULL, "a long text is refused for another reason: %s", err->text);
        return;
    }
    MUST(sscanf(start, "at character %lu of", &place) == 1, "no place in: %s", err->text);
    MUST(place >= 1 && place <= strlen(text) + 1, "character %lu of %zu", place, strlen(text));
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return; /* no text from JSON; it is repeated as it is */
    if (fuzz_is_utf8(text, strlen(text)))
        fuzz_must_be_sentence(err->text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const name[] = {"b", "t", "d", "scale"};
    struct fuzz_bytes bytes;
    double value[4], real = 0;
    int64_t count = 0;
    size_t length;
    fuzz_begin(&bytes, data, size);
    for (size_t i = 0; i < 4; i++)
        value[i] = fuzz_double(&bytes);
    const struct expr_names names = {.count = 4, .name = name, .value = value};
    const char *text = fuzz_rest(&bytes, &length);
    struct error real_err = {0}, count_err = {0};
    bool is_real = expr_real(text, &names, &real, &real_err) == 0;
    bool is_count = expr_count(text, &names, &count, &count_err) == 0;
    if (is_real)
        MUST(isfinite(real), "a value that is not finite");
    else
        must_explain(text, &real_err);
    if (is_count) {
        MUST(count <= (int64_t)EXPR_WHOLE_MAX && count >= -(int64_t)EXPR_WHOLE_MAX, "a count beyond 2^53");
        MUST(is_real, "a whole number, but no real one: %s", real_err.text);
        MUST(real == (double)count, "%.17g and %lld of '%s'", real, (long long)count, text);
    } else {
        must_explain(text, &count_err);
    }
    fuzz_end(&bytes);
    return 0;
}
