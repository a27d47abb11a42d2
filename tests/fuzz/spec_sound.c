/* SPDX-License-Identifier: MIT */
/* See spec_sound.h. */
#include "tests/fuzz/spec_sound.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/episode.h"
#include "grader/layout.h"
#include "grader/spec_load.h"
#include "grader/stub.h"
#include "grader/timing.h"
#include "tests/fuzz/fuzz.h"

/* Filling is the slow part; what one input may ask for in all. */
enum { FILLED_BYTES_MAX = 16 << 10 };

static void shape_must_be_sound(const struct spec *spec, const struct spec_case *c, size_t a) {
    const struct spec_argument *argument = &spec->entry[c->entry].argument[a];
    int64_t bytes = (int64_t)dtype_info(argument->type)->bytes, count = spec_case_count(spec, c, a);
    bool empty = false;
    MUST(argument->rank >= 1 && argument->rank <= SPEC_RANK_MAX, "a tensor of rank %zu", argument->rank);
    for (size_t i = 0; i < argument->rank; i++) {
        MUST(c->shape[a][i] >= 0, "a negative dimension");
        empty = empty || c->shape[a][i] == 0;
    }
    MUST(count >= 0 && count <= SPEC_TENSOR_BYTES_MAX / bytes && empty == (count == 0), "%lld elements",
         (long long)count);
    MUST(c->reduction[a] >= 0 && isfinite(c->reduction[a]), "a reduction of %g", c->reduction[a]);
    MUST(c->fill[a].kind < FILL_COUNT && c->fill[a].overlay_count <= FILL_OVERLAYS_MAX &&
             c->fill[a].list_count <= FILL_LIST_MAX,
         "a broken fill");
}

static void values_must_be_sound(const struct spec *spec, const struct spec_case *c) {
    const struct spec_entry *entry = &spec->entry[c->entry];
    MUST(c->entry < spec->entry_count, "case of entry %zu", c->entry);
    for (size_t a = 0; a < entry->argument_count; a++) {
        const struct spec_argument *argument = &entry->argument[a];
        const struct dtype_info *type = dtype_info(argument->type);
        double value = c->value[a];
        MUST(!c->null[a] || argument->nullable, "NULL for what may not be NULL");
        if (argument->role == SPEC_SIZE)
            MUST(value >= (double)argument->minimum && value <= (double)argument->maximum && value == floor(value),
                 "a size of %g", value);
        else if (argument->role == SPEC_SCALAR)
            MUST(type->floating || (isfinite(value) && value == floor(value) && fabs(value) <= EXPR_WHOLE_MAX),
                 "a %s of %g", type->name, value);
        else
            shape_must_be_sound(spec, c, a);
    }
}

/* Every stage sees a leading part of the case and, carried on, what the stage before it gave. */
static void stages_must_be_sound(const struct spec *spec, const struct spec_case *c) {
    MUST(c->stage_count <= SPEC_STAGES_MAX && (c->contents == 1 || c->contents == SPEC_CONTENTS_MAX), "%zu stages",
         c->stage_count);
    for (size_t k = 0; k < c->stage_count; k++) {
        const struct spec_case *stage = &c->stage[k];
        values_must_be_sound(spec, stage);
        for (size_t a = 0; a < spec->entry[c->entry].argument_count; a++) {
            const size_t rank = spec->entry[c->entry].argument[a].rank, from = spec->entry[c->entry].argument[a].carry;
            MUST(rank == 0 || stage->shape[a][0] <= c->shape[a][0], "a stage longer than its case");
            for (size_t i = 1; i < rank; i++)
                MUST(stage->shape[a][i] == c->shape[a][i], "a stage that is no leading part");
            for (size_t i = 0; from < SPEC_ARGUMENTS_MAX && k > 0 && i < rank; i++)
                MUST(stage->shape[a][i] == stage[-1].shape[from][i], "a carried input of another shape");
        }
    }
}

/* All stages of a filled trial, which the sanitizers watch. */
static void walk_must_be_sound(const struct trial *trial) {
    struct episode episode;
    struct error err = {0};
    const void *before[SPEC_ARGUMENTS_MAX];
    MUST(episode_open(&episode, trial, &err) == 0, "%s", err.text);
    for (size_t a = 0; a < trial->tensor_count; a++)
        before[a] = calloc(trial->tensor[a].bytes + 1, 1);
    for (size_t k = 0; k < spec_case_calls(trial->c); k++) {
        episode_enter(&episode, k, before);
        for (size_t a = 0; a < trial->tensor_count; a++)
            MUST(trial->tensor[a].role == SPEC_OUTPUT || trial->tensor[a].role == SPEC_MEASURE ||
                     (episode.now.tensor[a].bytes == 0) == (episode.now.tensor[a].data == NULL),
                 "a stage without contents");
    }
    for (size_t a = 0; a < trial->tensor_count; a++)
        free((void *)before[a]);
    episode_release(&episode);
}

/* One trial of the case with its tensors filled and laid out as for the candidate and for the oracle. */
static void contents_must_be_sound(const struct spec *spec, const struct spec_case *c, int64_t *budget) {
    struct trial trial;
    struct layout layout;
    struct error err = {0};
    for (size_t a = 0; a < spec->entry[c->entry].argument_count; a++)
        *budget -= spec_case_count(spec, c, a);
    if (*budget < 0)
        return;
    MUST(trial_init(&trial, spec, c, &err) == 0, "%s", err.text);
    trial_fill(&trial, 1, 2);
    walk_must_be_sound(&trial);
    for (int variant = 0; variant < LAYOUT_VARIANTS; variant++) {
        layout_make(&layout, &trial, 1 + 2 * (variant % 2), variant,
                    variant % 2 == 0 ? LAYOUT_WIDE | LAYOUT_GAUGES : 0);
        for (size_t p = 0; p < layout.place_count; p++) {
            const struct place *place = &layout.place[p];
            MUST(p >= trial.tensor_count || trial.tensor[p].role != SPEC_SECRET || place->null, "a secret has a place");
            size_t last = place->offset + place->stride * (layout.slots - 1) + place->bytes;
            MUST(!place->pointer || place->null ||
                     (place->begin <= place->offset && last <= place->end &&
                      place->offset % dtype_info(place->type)->bytes == 0),
                 "a tensor outside its pages");
        }
    }
    trial_release(&trial);
}

static void case_must_be_sound(const struct spec *spec, const struct spec_case *c, int64_t *budget) {
    char sizes[40];
    values_must_be_sound(spec, c);
    spec_case_sizes(spec, c, sizes, sizeof sizes);
    stages_must_be_sound(spec, c);
    contents_must_be_sound(spec, c, budget);
}

static void entry_must_be_sound(const struct spec *spec, size_t e, const struct stub_functions *functions) {
    const struct spec_entry *entry = &spec->entry[e];
    char wanted[80], *prototype = spec_prototype(spec, e);
    bool compared = false;
    MUST(entry->argument_count >= 1 && entry->argument_count <= SPEC_ARGUMENTS_MAX, "too many arguments");
    for (size_t a = 0; a < entry->argument_count; a++) {
        compared = compared || spec_is_compared(&entry->argument[a]);
        MUST(spec_find_argument(entry, entry->argument[a].name) == a, "two arguments named %s",
             entry->argument[a].name);
    }
    MUST(compared, "nothing to compare");
    for (size_t a = 1; a < entry->argument_count; a++)
        MUST(spec_is_shown(&entry->argument[a - 1]) || !spec_is_shown(&entry->argument[a]), "a hidden one in front");
    snprintf(wanted, sizeof wanted, "int %s(", entry->name);
    MUST(prototype != NULL && strncmp(prototype, wanted, strlen(wanted)) == 0, "the prototype is %s", prototype);
    snprintf(wanted, sizeof wanted, "reference_%s", entry->name);
    MUST(strcmp(functions->name[stub_reference_index(e)], wanted) == 0 && functions->entry[2 * e] == e,
         "%s stands where %s belongs", functions->name[stub_reference_index(e)], wanted);
    snprintf(wanted, sizeof wanted, "plain_%s", entry->name);
    MUST(strcmp(functions->name[stub_plain_index(e)], wanted) == 0, "%s is not in its place", wanted);
    snprintf(wanted, sizeof wanted, "objective_%s", entry->name);
    MUST(!stub_has_objective(entry) || strcmp(functions->name[stub_objective_index(spec, e)], wanted) == 0,
         "%s is not in its place", wanted);
    snprintf(wanted, sizeof wanted, "measure_%s", entry->name);
    MUST(!spec_has_measures(entry) || strcmp(functions->name[stub_measure_index(spec, e)], wanted) == 0,
         "%s is not in its place", wanted);
    free(prototype);
}

static void generator_must_be_sound(const struct spec *spec, const struct spec_case *c,
                                    const struct stub_functions *functions) {
    if (c->generate == NULL)
        return;
    size_t i = stub_generate_index(spec, c->generate);
    MUST(functions->entry[i] == c->entry, "generate_%s takes the arguments of another entry", c->generate);
}

static void generators_must_be_sound(const struct spec *spec, const struct spec_case *c,
                                     const struct stub_functions *functions) {
    generator_must_be_sound(spec, c, functions);
    for (size_t k = 0; k < c->stage_count; k++)
        generator_must_be_sound(spec, &c->stage[k], functions);
}

static void texts_must_be_sound(const struct spec *spec) {
    char *text[] = {stub_candidate_text(spec), stub_reference_text(spec), stub_prototypes_text(spec)};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        MUST(text[i] != NULL && fuzz_is_utf8(text[i], strlen(text[i])), "generated text %zu is broken", i);
        free(text[i]);
    }
}

static void head_must_be_sound(const struct spec *spec) {
    MUST(spec->entry_count >= 1 && spec->entry_count <= SPEC_ENTRIES_MAX, "%zu entries", spec->entry_count);
    MUST(spec->case_count >= 1 && spec->hidden_count < spec->case_count, "no public case");
    for (size_t i = 0; i < spec->case_count; i++)
        MUST(spec->cases[i].hidden == (i >= spec->case_count - spec->hidden_count), "hidden cases are not last");
    MUST(spec->gate_count <= SPEC_GATES_MAX, "%zu gates", spec->gate_count);
    for (size_t i = 0; i < spec->case_count; i++)
        MUST(spec->cases[i].gate == 0 || spec->cases[i].gate < spec->gate_count, "a case of gate %zu",
             spec->cases[i].gate);
    MUST(spec->points_correct + spec->points_speed > 0, "no points");
    MUST(spec->points_speed == 0 || spec->timing_count > 0, "points for a speed that is not measured");
    MUST(spec->ratio_zero > 0 && spec->ratio_zero < spec->ratio_full, "marks from %g to %g", spec->ratio_zero,
         spec->ratio_full);
    MUST(spec->threads >= 1 && spec->limits.call_ms >= 1 && spec->limits.memory_bytes > 0 &&
             spec->limits.stack_bytes > 0 && spec->limits.binary_bytes > 0,
         "a limit of nothing");
    MUST(!spec->limits.no_allocation || spec->limits.static_bytes > 0, "no allocation, and no limit on static data");
    MUST(spec->library_count <= SPEC_LIBRARIES_MAX, "%zu libraries", spec->library_count);
}

void spec_must_be_sound(const struct spec *spec) {
    struct stub_functions functions;
    int64_t budget = FILLED_BYTES_MAX;
    head_must_be_sound(spec);
    stub_reference_functions(spec, &functions);
    for (size_t e = 0; e < spec->entry_count; e++)
        entry_must_be_sound(spec, e, &functions);
    for (size_t i = 0; i < spec->case_count; i++) {
        case_must_be_sound(spec, &spec->cases[i], &budget);
        generators_must_be_sound(spec, &spec->cases[i], &functions);
    }
    for (size_t t = 0; t < spec->timing_count; t++) {
        const struct spec_timing *timing = &spec->timing[t];
        MUST(timing->family_count >= 1 && timing->family_count <= TIMING_FAMILIES_MAX, "%zu families",
             timing->family_count);
        MUST(timing->flops >= 0 && isfinite(timing->flops) && timing->bytes >= 0 && isfinite(timing->bytes), "work");
        for (size_t f = 0; f < timing->family_count; f++) {
            case_must_be_sound(spec, &timing->family[f], &budget);
            generator_must_be_sound(spec, &timing->family[f], &functions);
        }
    }
    texts_must_be_sound(spec);
}
