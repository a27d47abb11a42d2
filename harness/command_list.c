/* SPDX-License-Identifier: MIT */
/* harness list: one line for each challenge; a broken one says why. */
#include <inttypes.h>
#include <stdlib.h>

#include "grader/spec.h"
#include "harness/command.h"
#include "harness/outcome.h"
#include "harness/packs.h"

static void put_pack(const struct screen *screen, const struct pack *pack) {
    struct spec *spec = NULL;
    struct error error;
    if (spec_load(pack->directory, &spec, &error) != 0) {
        char *before = NULL;
        if (asprintf(&before, "%-22.40s ", pack->id) < 0)
            return;
        screen_marked(screen, SCREEN_BAD, before, "BROKEN", "%s", "");
        screen_wrap(screen, 4, "%s", error.text);
        free(before);
        return;
    }
    screen_line(screen, "%-22s %-33.33s %-11s %-7s %3" PRId64, spec->id, spec->title, spec->track, spec->difficulty,
                spec->minutes);
    spec_free(spec);
}

int command_list(const struct options *options, const volatile int *cancel) {
    struct screen screen = {stdout, screen_wants_colour(stdout, options->colour), screen_is_utf8()};
    struct packs packs = PACKS_INIT;
    struct error error;
    if (packs_find(options->folder, options->folder_count, &packs, &error) != 0)
        return command_fail(&error);
    if (packs.count == 0) {
        error_set(&error, ERROR_USER, "there is no challenge in '%s'; name a folder of challenges with --challenges.",
                  packs.root_count > 0 ? packs.root[0] : "?");
        packs_release(&packs);
        return command_fail(&error);
    }
    screen_marked(&screen, SCREEN_BOLD, "", "id", "%21s%-33s %-11s %-7s min", "", "title", "track", "level");
    for (size_t i = 0; i < packs.count && *cancel == 0; i++)
        put_pack(&screen, &packs.pack[i]);
    packs_release(&packs);
    return EXIT_ACCEPTED;
}
