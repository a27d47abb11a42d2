/* SPDX-License-Identifier: MIT */
/* harness list: the challenges by track, one line each; a broken one says why. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "grader/spec.h"
#include "harness/command.h"
#include "harness/outcome.h"
#include "harness/packs.h"

struct row {
    const char *id;
    struct spec *spec; /* NULL: broken, and the error says how */
    struct error error;
};

/* In the order in which one would take them. */
static const char *const tracks[] = {"kernels",     "training", "debugging", "serving",
                                     "distributed", "math",     "interp",    "safety"};
static const char *const levels[] = {"easy", "medium", "hard"};

static size_t place_of(const char *word, const char *const *list, size_t count) {
    size_t i = 0;
    while (i < count && strcmp(word, list[i]) != 0)
        i++;
    return i;
}

static size_t track_of(const struct row *row) {
    return place_of(row->spec->track, tracks, sizeof tracks / sizeof *tracks);
}

static int compare(size_t a, size_t b) {
    return (a > b) - (a < b);
}

static int by_track(const void *a, const void *b) {
    const struct row *x = a, *y = b;
    if (x->spec == NULL || y->spec == NULL)
        return x->spec == y->spec ? strcmp(x->id, y->id) : compare(x->spec == NULL, y->spec == NULL);
    int order = compare(track_of(x), track_of(y));
    if (order == 0)
        order = compare(place_of(x->spec->difficulty, levels, 3), place_of(y->spec->difficulty, levels, 3));
    if (order == 0)
        order = compare((size_t)x->spec->minutes, (size_t)y->spec->minutes);
    return order != 0 ? order : strcmp(x->id, y->id);
}

static void put_row(const struct screen *screen, const struct row *row) {
    const struct spec *spec = row->spec;
    if (spec != NULL) {
        screen_line(screen, "  %-22s %-6s %3" PRId64 "  %-9s  %s", spec->id, spec->difficulty, spec->minutes,
                    spec->bound, spec->title);
        return;
    }
    char *before = NULL;
    if (asprintf(&before, "  %-22.40s ", row->id) < 0)
        return;
    screen_marked(screen, SCREEN_BAD, before, "BROKEN", "%s", "");
    screen_wrap(screen, 4, "%s", row->error.text);
    free(before);
}

static void put_table(const struct screen *screen, const struct row *row, size_t count) {
    screen_marked(screen, SCREEN_BOLD, "", "  id", "%21s%-6s min  %-9s  title", "", "level", "bound by");
    const char *track = "";
    for (size_t i = 0; i < count; i++) {
        if (row[i].spec != NULL && strcmp(track, row[i].spec->track) != 0) {
            track = row[i].spec->track;
            screen_marked(screen, SCREEN_BOLD, "", track, "%s", "");
        }
        put_row(screen, &row[i]);
    }
}

int command_list(const struct options *options, const volatile int *cancel) {
    struct screen screen = {stdout, screen_wants_colour(stdout, options->colour), screen_is_utf8()};
    struct packs packs = PACKS_INIT;
    struct error error;
    if (packs_find(options->folder, options->folder_count, &packs, &error) != 0)
        return command_fail(&error);
    struct row *row = calloc(packs.count + 1, sizeof *row);
    size_t count = 0;
    if (row == NULL || packs.count == 0) {
        error_set(&error, row == NULL ? ERROR_HARNESS : ERROR_USER,
                  "there is no challenge in '%s'; name a folder of challenges with --challenges.",
                  packs.root_count > 0 ? packs.root[0] : "?");
        free(row);
        packs_release(&packs);
        return command_fail(&error);
    }
    for (; count < packs.count && *cancel == 0; count++) {
        row[count].id = packs.pack[count].id;
        if (spec_load(packs.pack[count].directory, &row[count].spec, &row[count].error) != 0)
            row[count].spec = NULL;
    }
    qsort(row, count, sizeof *row, by_track);
    put_table(&screen, row, count);
    for (size_t i = 0; i < count; i++)
        spec_free(row[i].spec);
    free(row);
    packs_release(&packs);
    return EXIT_ACCEPTED;
}
