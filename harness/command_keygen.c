/* SPDX-License-Identifier: MIT */
/* harness keygen FILE: a key to sign results with. */
#include <stdio.h>

#include "harness/command.h"
#include "harness/outcome.h"
#include "harness/result/sign.h"
#include "harness/screen.h"

int command_keygen(const struct options *options, const volatile int *cancel) {
    (void)cancel;
    struct error error;
    const char *path = options->argument[0];
    if (sign_make_key(path, &error) != 0)
        return command_fail(&error);
    const struct screen screen = {stdout, screen_wants_colour(stdout, options->colour), screen_is_utf8()};
    screen_raw(&screen, "%s: the secret key; keep it where results are graded, and nowhere else", path);
    screen_raw(&screen, "%s.pub: the public key, for `harness verify-result --key %s.pub'", path, path);
    return EXIT_ACCEPTED;
}
