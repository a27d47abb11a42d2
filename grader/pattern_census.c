/* SPDX-License-Identifier: MIT */
/* One pass over a failed output, counting wrong elements by place and by value. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grader/pattern_parts.h"

bool pattern_is_wrong(const struct pattern_census *census, const struct compare_block *block, size_t i) {
    switch (census->result->verdict) {
    case VERDICT_UNWRITTEN_OUTPUT:
        return block->mark[i] == COMPARE_UNWRITTEN;
    case VERDICT_NOT_FINITE:
        return block->mark[i] == COMPARE_NOT_FINITE;
    default:
        return block->ratio[i] > 0 && !(block->ratio[i] * census->weight <= census->limit);
    }
}

static void count_place(struct pattern_census *census, int64_t flat) {
    int64_t rest = flat, row, column;

    for (size_t k = census->rank; k-- > 0;) {
        census->along[k][rest % census->shape[k]]++;
        rest /= census->shape[k];
    }
    column = flat % census->columns;
    row = flat / census->columns % census->rows;
    census->above += column > row;
    census->diagonal += column == row;
    census->below += column < row;
}

/* A NaN that went through arithmetic keeps its payload and becomes quiet. */
static bool is_marked(const struct pattern_census *census, int64_t flat) {
    const struct compare_tensor *tensor = census->plan.tensor;
    uint32_t got, poison;

    if (!tensor->poison || tensor->type != DTYPE_F32)
        return false;
    memcpy(&got, (const float *)tensor->got + flat, sizeof got);
    memcpy(&poison, (const uint32_t *)tensor->poison + flat, sizeof poison);
    return ((got ^ poison) & 0x003fffffu) == 0 && (poison & 0x7f800000u) == 0x7f800000u;
}

static void count_value(struct pattern_census *census, const struct compare_block *block, size_t i) {
    const double got = block->got[i], y = block->expected[i];

    census->zero += got == 0;
    if (isnan(got)) {
        census->nan++;
        census->marked += is_marked(census, block->first + (int64_t)i);
    }
    if (!isfinite(got))
        return;
    if (census->finite++ == 0) {
        census->least = census->most = got;
        census->least_offset = census->most_offset = got - y;
    }
    census->least = fmin(census->least, got);
    census->most = fmax(census->most, got);
    census->least_offset = fmin(census->least_offset, got - y);
    census->most_offset = fmax(census->most_offset, got - y);
    census->gy += got * y;
    census->gg += got * got;
    census->yy += y * y;
}

static uint32_t float_bits(double value) {
    const float single = (float)value;
    uint32_t bits;

    memcpy(&bits, &single, sizeof bits);
    return bits;
}

static void count_block(struct pattern_census *census, const struct compare_block *block) {
    for (size_t i = 0; i < block->count; i++) {
        census->total_yy += block->expected[i] * block->expected[i];
        if (census->plan.tensor->type == DTYPE_F32 && isfinite(block->got[i])) {
            census->got_bits |= float_bits(block->got[i]);
            census->expected_bits |= float_bits(block->expected[i]);
        }
        if (!pattern_is_wrong(census, block, i))
            continue;
        census->wrong++;
        count_place(census, block->first + (int64_t)i);
        count_value(census, block, i);
    }
}

/* One allocation holds the counts of all dimensions. */
static bool allocate(struct pattern_census *census) {
    int64_t cells = 0, *counts;

    for (size_t k = 0; k < census->rank; k++)
        cells += census->shape[k];
    counts = calloc((size_t)cells + 1, sizeof *counts);
    if (!counts)
        return false;
    for (size_t k = 0; k < census->rank; k++) {
        census->along[k] = counts;
        counts += census->shape[k];
    }
    return true;
}

bool pattern_census_init(struct pattern_census *census, const struct compare_tensor *tensor,
                         const struct compare_rule *rule, const struct compare_result *result) {
    struct compare_block block;

    *census = (struct pattern_census){.result = result, .rank = tensor->rank, .rows = 1, .columns = 1};
    compare_plan_init(&census->plan, tensor, rule);
    census->count = census->plan.count;
    memcpy(census->shape, tensor->shape, tensor->rank * sizeof *tensor->shape);
    if (census->rank >= 1)
        census->columns = census->shape[census->rank - 1];
    if (census->rank >= 2)
        census->rows = census->shape[census->rank - 2];
    census->weight = compare_weight(&census->plan);
    census->limit = result->failing > 0 ? result->bound.ratio : result->bound.rms;
    if (!allocate(census))
        return false;
    for (int64_t first = 0; first < census->count; first += COMPARE_BLOCK) {
        compare_block_fill(&census->plan, first, &block);
        count_block(census, &block);
    }
    return true;
}

void pattern_census_release(struct pattern_census *census) {
    free(census->along[0]);
    census->along[0] = NULL;
}
