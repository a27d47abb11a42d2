/* SPDX-License-Identifier: MIT */
/* harness show ID: the statement, and the public cases as a table. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "grader/scratch.h"
#include "grader/spec.h"
#include "harness/command.h"
#include "harness/heap.h"
#include "harness/markdown.h"
#include "harness/outcome.h"
#include "harness/packs.h"

enum { STATEMENT_BYTES = 1 << 20 };

static void put_statement(const struct screen *screen, const struct spec *spec) {
    char *path = heap_format("%s/README.md", spec->directory), *text = NULL;
    size_t size;
    struct error error;
    if (scratch_read(path, STATEMENT_BYTES, &text, &size, &error) == 0)
        markdown_show(screen, text);
    else
        screen_wrap(screen, 0, "%s", spec->summary);
    free(text);
    free(path);
}

static void put_gates(const struct screen *screen, const struct spec *spec) {
    if (spec->gate_count == 0)
        return;
    screen_line(screen, "%s", "");
    screen_marked(screen, SCREEN_BOLD, "", "Gates", ": %zu%s", spec->gate_count,
                  spec->partial ? ", each earns an equal share of the points for being correct" : "");
    screen_line(screen, "%s", "");
    for (size_t k = 0; k < spec->gate_count; k++) {
        size_t count = 0;
        for (size_t i = 0; i < spec->case_count; i++)
            count += spec->cases[i].gate == k;
        screen_line(screen, "  %-24s %zu case%s", spec->gate[k].name, count, count == 1 ? "" : "s");
        screen_wrap(screen, 6, "%s", spec->gate[k].title);
    }
}

static void put_cases(const struct screen *screen, const struct spec *spec) {
    size_t public_count = spec->case_count - spec->hidden_count;
    screen_line(screen, "%s", "");
    screen_marked(screen, SCREEN_BOLD, "", "Cases", ": %zu public, %zu hidden", public_count, spec->hidden_count);
    screen_line(screen, "%s", "");
    for (size_t i = 0; i < public_count; i++) {
        char sizes[120];
        spec_case_sizes(spec, &spec->cases[i], sizes, sizeof sizes);
        screen_line(screen, "  %2zu  %-26s %s", i + 1, spec->cases[i].name, sizes);
        screen_wrap(screen, 6, "%s", spec->cases[i].catches);
        if (spec->gate_count > 0)
            screen_line(screen, "      gate: %s", spec->gate[spec->cases[i].gate].name);
    }
    for (size_t i = 0; i < spec->timing_count; i++) {
        char sizes[120] = "";
        const struct spec_timing *timing = &spec->timing[i];
        if (timing->family_count == 0 || timing->family[0].hidden)
            continue;
        spec_case_sizes(spec, &timing->family[0], sizes, sizeof sizes);
        screen_line(screen, "  timed  %-23s %s, %s cache", timing->name, sizes, timing->cold ? "cold" : "warm");
    }
}

int command_show(const struct options *options, const volatile int *cancel) {
    struct screen screen = {stdout, screen_wants_colour(stdout, options->colour), screen_is_utf8()};
    struct packs packs = PACKS_INIT;
    const struct pack *pack;
    struct spec *spec = NULL;
    struct error error;
    int result = packs_find(options->folder, options->folder_count, &packs, &error);
    if (result == 0)
        result = packs_need(&packs, options->argument[0], &pack, &error);
    if (result == 0)
        result = spec_load(pack->directory, &spec, &error);
    packs_release(&packs);
    if (result != 0)
        return command_fail(&error);
    put_statement(&screen, spec);
    if (*cancel == 0) {
        put_gates(&screen, spec);
        put_cases(&screen, spec);
    }
    screen_line(&screen, "%s", "");
    screen_line(&screen, "%s %s: %s, %s, about %" PRId64 " minutes, %.4g points", spec->id, spec->version, spec->track,
                spec->difficulty, spec->minutes, spec->points_correct + spec->points_speed);
    screen_line(&screen, "begin with   harness start %s", spec->id);
    spec_free(spec);
    return EXIT_ACCEPTED;
}
