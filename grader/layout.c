/* SPDX-License-Identifier: MIT */
#include "grader/layout.h"

#include <assert.h>
#include <string.h>

enum {
    SLACK = 64
}; /* bytes on each side of a slot: room for the canary, and keeps slots off each other's cache lines */

static size_t round_up(size_t value, size_t to) {
    return (value + to - 1) / to * to;
}

static size_t variant_shift(enum layout_variant variant) {
    return variant == LAYOUT_LEFT_64 ? 64 : variant == LAYOUT_LEFT_128 ? 128 : 0;
}

/* Gives the place its run in the memory that is `*used` bytes long so far. */
static void place_put(struct place *place, size_t slots, enum layout_variant variant, size_t *used) {
    size_t page = memory_page();
    if (*used == 0)
        *used = page;
    place->begin = *used;
    size_t shift = variant_shift(variant);
    place->stride = round_up(place->bytes + SLACK, SLACK);
    size_t body = shift + place->stride * (slots - 1) + place->bytes;
    place->end = place->begin + memory_round(body > 0 ? body : 1);
    place->offset = place->begin + shift;
    if (variant == LAYOUT_RIGHT || place->bytes == 0)
        place->offset = place->end - place->bytes - place->stride * (slots - 1);
    *used = place->end + page;
}

static void place_add(struct layout *layout, struct place place, enum layout_variant variant) {
    assert(layout->place_count < LAYOUT_PLACES_MAX);
    size_t *used = place.writable ? &layout->output_bytes : &layout->input_bytes;
    if (place.pointer && !place.null)
        place_put(&place, layout->slots, variant, used);
    layout->place[layout->place_count++] = place;
}

/* `stages` is 0 where no measure is taken. A secret that was not asked for has no memory, and so nothing to be written
 * to: that is all that keeps it from a candidate. */
static struct place place_of(const struct tensor *tensor, unsigned flags, size_t stages) {
    bool pointer = tensor->role != SPEC_SIZE && tensor->role != SPEC_SCALAR;
    bool absent =
        (tensor->role == SPEC_SECRET && !(flags & LAYOUT_SECRETS)) || (tensor->role == SPEC_MEASURE && stages == 0);
    bool input = tensor->role == SPEC_INPUT || tensor->role == SPEC_SECRET;
    int64_t count = spec_role_is_output(tensor->role) && stages > 1 ? tensor->count * (int64_t)stages : tensor->count;
    enum dtype type = tensor->type == DTYPE_F32 && (flags & LAYOUT_WIDE) ? DTYPE_F64 : tensor->type;
    return (struct place){
        .pointer = pointer,
        .null = pointer && (tensor->null || absent),
        .writable = !input || (flags & LAYOUT_WRITABLE) != 0,
        .type = type,
        .count = count,
        .bytes = (size_t)count * dtype_info(type)->bytes,
    };
}

static void put_arguments(struct layout *layout, const struct trial *trial, size_t slots, enum layout_variant variant,
                          unsigned flags, size_t stages) {
    assert(slots >= 1);
    memset(layout, 0, sizeof *layout);
    layout->flags = flags;
    layout->slots = slots;
    layout->argument_count = trial->tensor_count;
    for (size_t a = 0; a < trial->tensor_count; a++)
        place_add(layout, place_of(&trial->tensor[a], flags, stages), variant);
}

void layout_make_measure(struct layout *layout, const struct trial *trial, size_t stages, unsigned flags) {
    assert(stages >= 1);
    put_arguments(layout, trial, 1, LAYOUT_LEFT_64, flags & ~(unsigned)LAYOUT_GAUGES, stages);
}

void layout_make(struct layout *layout, const struct trial *trial, size_t slots, enum layout_variant variant,
                 unsigned flags) {
    put_arguments(layout, trial, slots, variant, flags, 0);
    for (size_t a = 0; a < trial->tensor_count; a++) {
        const struct tensor *tensor = &trial->tensor[a];
        if (!spec_role_is_output(tensor->role) || trial->entry->argument[a].tolerance.rule != SPEC_RULE_GAUGE)
            continue;
        layout->gauge_place[a] = layout->place_count;
        place_add(layout,
                  (struct place){.pointer = true,
                                 .null = !(flags & LAYOUT_GAUGES),
                                 .writable = true,
                                 .type = DTYPE_F64,
                                 .count = tensor->count,
                                 .bytes = (size_t)tensor->count * sizeof(double)},
                  variant);
    }
}

void *layout_data(const struct layout *layout, const struct arena *arena, size_t place, size_t slot) {
    const struct place *p = &layout->place[place];
    assert(p->pointer && !p->null && slot < layout->slots);
    const struct memory *memory = p->writable ? arena->outputs : arena->inputs;
    assert(p->end <= memory->bytes);
    return memory->base + p->offset + slot * p->stride;
}

/* One odd multiplier a step keeps neighbouring words apart; secrecy comes from the key, which never leaves the grader.
 */
static uint64_t mix(uint64_t key, uint64_t index) {
    uint64_t x = key ^ (index + 1) * 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    return x ^ (x >> 27);
}

static unsigned char canary_byte(uint64_t key, size_t offset) {
    return (unsigned char)(mix(key, offset / 8) >> (8 * (offset % 8)));
}

typedef void span_fn(void *context, size_t from, size_t to);

/* Calls fn for every stretch of the run that belongs to no slot's data. */
static void each_slack(const struct place *place, size_t slots, span_fn *fn, void *context) {
    size_t at = place->begin;
    for (size_t slot = 0; slot < slots; slot++) {
        size_t data = place->offset + slot * place->stride;
        if (data > at)
            fn(context, at, data);
        at = data + place->bytes;
    }
    if (place->end > at)
        fn(context, at, place->end);
}

struct canary_walk {
    unsigned char *base;
    uint64_t key;
    bool readable; /* inputs: NaNs, so that reading past the end spoils the answer */
    const struct place *place;
    size_t slots;
    int64_t away; /* bytes between the nearest damage so far and the data it belongs to; -1 if there is none */
    struct layout_damage damage;
};

static void canary_write(void *context, size_t from, size_t to) {
    struct canary_walk *walk = context;
    static const unsigned char nan_bytes[8] = {0x55, 0xaa, 0xa5, 0x7f, 0x55, 0xaa, 0xf5, 0x7f};
    for (size_t i = from; i < to; i++)
        walk->base[i] = walk->readable ? nan_bytes[i % 8] : canary_byte(walk->key, i);
}

/* Counted from the slot whose data is nearer: the byte before slot 1 is its element -1 and not something after slot 0.
 */
static int64_t damage_at(const struct canary_walk *walk, size_t at, struct layout_damage *damage) {
    const struct place *place = walk->place;
    int64_t size = (int64_t)dtype_info(place->type)->bytes, away = -1;
    size_t first = at <= place->offset ? 0 : (at - place->offset) / place->stride;
    if (first >= walk->slots)
        first = walk->slots - 1;
    for (size_t slot = first; slot < walk->slots && slot <= first + 1; slot++) {
        int64_t byte = (int64_t)at - (int64_t)(place->offset + slot * place->stride);
        int64_t from = byte < 0 ? -byte : byte - (int64_t)place->bytes + 1;
        if (away >= 0 && from >= away)
            continue;
        away = from;
        damage->slot = slot;
        damage->element = byte < 0 ? -((size - 1 - byte) / size) : byte / size;
    }
    return away;
}

static void canary_check(void *context, size_t from, size_t to) {
    struct canary_walk *walk = context;
    for (size_t i = from; i < to; i++) {
        if (walk->base[i] == canary_byte(walk->key, i))
            continue;
        struct layout_damage damage = walk->damage;
        int64_t away = damage_at(walk, i, &damage);
        if (walk->away >= 0 && away >= walk->away)
            continue;
        walk->away = away;
        walk->damage = damage;
    }
}

void layout_prepare(const struct layout *layout, const struct arena *arena, uint64_t key) {
    for (size_t i = 0; i < layout->place_count; i++) {
        const struct place *place = &layout->place[i];
        if (!place->pointer || place->null)
            continue;
        struct canary_walk walk = {.base = place->writable ? arena->outputs->base : arena->inputs->base,
                                   .key = key,
                                   .readable = !place->writable};
        each_slack(place, layout->slots, canary_write, &walk);
    }
}

bool layout_damaged(const struct layout *layout, const struct arena *arena, uint64_t key,
                    struct layout_damage *damage) {
    for (size_t i = 0; i < layout->place_count; i++) {
        const struct place *place = &layout->place[i];
        if (!place->pointer || place->null || !place->writable)
            continue;
        struct canary_walk walk = {.base = arena->outputs->base,
                                   .key = key,
                                   .place = place,
                                   .slots = layout->slots,
                                   .away = -1,
                                   .damage = {.place = i}};
        each_slack(place, layout->slots, canary_check, &walk);
        if (walk.away < 0)
            continue;
        *damage = walk.damage;
        return true;
    }
    return false;
}

static void write_tensor(const struct layout *layout, const struct arena *arena, const struct tensor *tensor,
                         size_t place, size_t slot) {
    const struct place *p = &layout->place[place];
    void *to = layout_data(layout, arena, place, slot);
    if (p->type == tensor->type) {
        if (tensor->bytes > 0)
            memcpy(to, tensor->data, tensor->bytes);
        return;
    }
    const float *from = tensor->data;
    double *wide = to;
    for (int64_t i = 0; i < tensor->count; i++)
        wide[i] = (double)from[i];
}

static void write_where(const struct layout *layout, const struct arena *arena, const struct trial *trial, size_t slot,
                        bool readable_too) {
    for (size_t a = 0; a < trial->tensor_count; a++) {
        const struct tensor *tensor = &trial->tensor[a];
        const struct place *place = &layout->place[a];
        if (tensor->data == NULL || !place->pointer || place->null)
            continue;
        if (place->writable || readable_too)
            write_tensor(layout, arena, tensor, a, slot);
    }
}

void layout_write(const struct layout *layout, const struct arena *arena, const struct trial *trial, size_t slot) {
    write_where(layout, arena, trial, slot, true);
}

void layout_write_inouts(const struct layout *layout, const struct arena *arena, const struct trial *trial,
                         size_t slot) {
    write_where(layout, arena, trial, slot, false);
}

/* A plain arithmetic sequence under the bits of a signalling NaN: cheap, because every output of every timed call is
 * poisoned, and no secret, because a solution can read it anyway. What matters is that no computation gives it. */
void layout_poison(const struct place *place, uint64_t key, size_t slot, void *array) {
    uint64_t start = mix(key, 0x706f69736f6eu + slot);
    size_t count = (size_t)place->count;
    if (place->type == DTYPE_F32) {
        uint32_t *word = array, from = (uint32_t)start;
        for (size_t i = 0; i < count; i++)
            word[i] = 0x7f800001u | ((from + (uint32_t)i * 0x9e3779b2u) & 0x803ffffeu);
    } else if (place->type == DTYPE_F64) {
        uint64_t *word = array;
        for (size_t i = 0; i < count; i++)
            word[i] = 0x7ff0000000000001u | ((start + i * 0x9e3779b97f4a7c15u) & 0x8007fffffffffffeu);
    } else {
        unsigned char *byte = array;
        for (size_t i = 0; i < place->bytes; i++)
            byte[i] = canary_byte(start, i);
    }
}

void layout_poison_outputs(const struct layout *layout, const struct arena *arena, const struct trial *trial,
                           uint64_t key, size_t slot) {
    for (size_t a = 0; a < trial->tensor_count; a++)
        if (trial->tensor[a].role == SPEC_OUTPUT && layout->place[a].pointer && !layout->place[a].null)
            layout_poison(&layout->place[a], key, slot, layout_data(layout, arena, a, slot));
    /* A gauge that a reference forgets must not be the one that the call before it left there. */
    for (size_t i = layout->argument_count; i < layout->place_count; i++)
        if (!layout->place[i].null)
            layout_poison(&layout->place[i], key, slot, layout_data(layout, arena, i, slot));
}
