/* SPDX-License-Identifier: MIT */
/* Right answers in the wrong places: for each way of moving elements, how many of the wrong elements hold the answer of
 * the place from which that way would have brought them. */
#include <math.h>

#include "grader/pattern_parts.h"

enum { TESTED_LEAST = 4 };

/* The place whose answer would lie at `flat`, or -1. */
typedef int64_t source_fn(const struct pattern_census *census, int64_t flat);

static int64_t row_before(const struct pattern_census *census, int64_t flat) {
    return flat / census->columns % census->rows > 0 ? flat - census->columns : -1;
}

static int64_t row_after(const struct pattern_census *census, int64_t flat) {
    return flat / census->columns % census->rows < census->rows - 1 ? flat + census->columns : -1;
}

static int64_t column_before(const struct pattern_census *census, int64_t flat) {
    return flat % census->columns > 0 ? flat - 1 : -1;
}

static int64_t column_after(const struct pattern_census *census, int64_t flat) {
    return flat % census->columns < census->columns - 1 ? flat + 1 : -1;
}

/* Stored as [column][row] in each matrix. */
static int64_t transposed(const struct pattern_census *census, int64_t flat) {
    const int64_t cells = census->rows * census->columns, within = flat % cells;

    return flat - within + within % census->rows * census->columns + within / census->rows;
}

/* Of four dimensions the middle two exchanged: [b][t][h][d] for [b][h][t][d]. */
static int64_t middle_exchanged(const struct pattern_census *census, int64_t flat) {
    const int64_t heads = census->rank == 4 ? census->shape[1] : 1, rows = census->rows, columns = census->columns;
    const int64_t within = flat % (heads * rows * columns), place = within / columns;

    if (census->rank != 4)
        return -1;
    return flat - within + (place % heads * rows + place / heads) * columns + within % columns;
}

static const struct move {
    source_fn *source;
    const char *sentence, *advice;
} move_table[] = {
    {.source = row_before,
     .sentence = "The wrong rows hold the answers of the row before.",
     .advice = "The output is one row late: look at the first index of the loop over the rows."},
    {.source = row_after,
     .sentence = "The wrong rows hold the answers of the row after.",
     .advice = "The output is one row early: look at the first index of the loop over the rows."},
    {.source = column_before,
     .sentence = "The wrong elements hold the answers of the element before, in the last dimension.",
     .advice = "The output is one element late: look at the first index of the innermost loop."},
    {.source = column_after,
     .sentence = "The wrong elements hold the answers of the element after, in the last dimension.",
     .advice = "The output is one element early: look at the first index of the innermost loop."},
    {.source = transposed,
     .sentence = "The values are right but transposed: row and column are exchanged.",
     .advice = "Look at the index of the store: row * columns + column."},
    {.source = middle_exchanged,
     .sentence = "The values are right but the second and third dimension are exchanged.",
     .advice = "Look at the order of the dimensions in the index of the store."},
};

enum { MOVES = sizeof move_table / sizeof *move_table };

static bool is_near(double got, double expected, double tolerance) {
    return fabs(got - expected) <= tolerance * fabs(expected);
}

/* A value that is nearly right where it is has not moved, even if its neighbour's answer is much the same. */
static void test_element(const struct pattern_census *census, int64_t flat, double got, int64_t *hits,
                         int64_t *tested) {
    const bool stayed = is_near(got, compare_expected(&census->plan, flat), 1e-4);

    for (size_t k = 0; k < MOVES; k++) {
        const int64_t source = move_table[k].source(census, flat);

        if (source < 0 || source == flat)
            continue;
        tested[k]++;
        hits[k] += !stayed && is_near(got, compare_expected(&census->plan, source), 1e-5);
    }
}

bool pattern_moved(const struct pattern_census *census, struct pattern_remark *remark) {
    int64_t hits[MOVES] = {0}, tested[MOVES] = {0};
    struct compare_block block;

    for (int64_t first = 0; first < census->count; first += COMPARE_BLOCK) {
        compare_block_fill(&census->plan, first, &block);
        for (size_t i = 0; i < block.count; i++)
            if (pattern_is_wrong(census, &block, i))
                test_element(census, first + (int64_t)i, block.got[i], hits, tested);
    }
    for (size_t k = 0; k < MOVES; k++) {
        if (tested[k] < TESTED_LEAST || 2 * tested[k] < census->wrong || 20 * hits[k] < 19 * tested[k])
            continue;
        pattern_append(remark->sentence, sizeof remark->sentence, "%s", move_table[k].sentence);
        pattern_append(remark->advice, sizeof remark->advice, "%s", move_table[k].advice);
        return true;
    }
    return false;
}
