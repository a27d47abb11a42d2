/* SPDX-License-Identifier: MIT */
/* harness verify-result FILE...: are these results as their grader signed them? */
#include <stdlib.h>
#include <sys/stat.h>

#include "grader/scratch.h"
#include "harness/command.h"
#include "harness/outcome.h"
#include "harness/result/sign.h"
#include "harness/screen.h"

enum { RESULT_BYTES_MAX = 1 << 26 };

static const struct {
    enum screen_style style;
    const char *word, *says;
} WORDS[] = {
    [SIGN_NONE] = {SCREEN_BAD, "UNSIGNED", "nobody has signed it"},
    [SIGN_GOOD] = {SCREEN_GOOD, "GOOD", "as it was signed"},
    [SIGN_FORGED] = {SCREEN_BAD, "FORGED", "not as it was signed, or not by this key"},
};

static int verify(const struct screen *screen, const char *path, const unsigned char *key, enum sign_state *state) {
    struct error error;
    char *text, by[SIGN_KEY_TEXT];
    size_t size;
    if (scratch_read(path, RESULT_BYTES_MAX, &text, &size, &error) != 0)
        return command_fail(&error);
    *state = sign_check(text, size, key, by);
    free(text);
    screen_marked(screen, WORDS[*state].style, "", WORDS[*state].word, "  %s: %s%s%s", path, WORDS[*state].says,
                  *state == SIGN_GOOD && key == NULL ? " by " : "", *state == SIGN_GOOD && key == NULL ? by : "");
    return *state == SIGN_GOOD ? EXIT_ACCEPTED : EXIT_NOT_ACCEPTED;
}

int command_verify_result(const struct options *options, const volatile int *cancel) {
    enum { SIGNAL_BASE = 128 };
    unsigned char key[SIGN_PUBLIC_BYTES];
    struct error error;
    const struct screen screen = {stdout, screen_wants_colour(stdout, options->colour), screen_is_utf8()};
    int worst = EXIT_ACCEPTED;
    if (options->key != NULL && sign_read_public(options->key, key, &error) != 0)
        return command_fail(&error);
    for (size_t i = 0; i < options->argument_count && *cancel == 0; i++) {
        enum sign_state state = SIGN_NONE;
        const int code = verify(&screen, options->argument[i], options->key != NULL ? key : NULL, &state);
        worst = code > worst ? code : worst;
    }
    if (options->key == NULL && worst == EXIT_ACCEPTED && *cancel == 0)
        screen_wrap(&screen, 0, "Whoever has a key can sign with it: --key FILE.pub says whose signature counts.");
    return *cancel != 0 ? SIGNAL_BASE + *cancel : worst;
}
