/* SPDX-License-Identifier: MIT */
/* Where the wrong elements lie: heads, rows, columns, triangles, in words with indices. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "grader/pattern_parts.h"

enum { PERIOD_MAX = 64 };

/* A set of indices of one dimension that can be said in a few words. */
enum shape_of_set { SET_ALL, SET_RANGE, SET_PERIODIC, SET_OTHER };

struct index_set {
    enum shape_of_set shape;
    int64_t length; /* of the dimension */
    int64_t members;
    int64_t first, last; /* range; or residues of `period` */
    int64_t period;
};

struct nouns {
    const char *one, *many;
};

void pattern_append(char *text, size_t size, const char *format, ...) {
    const size_t used = strlen(text);
    va_list list;

    va_start(list, format);
    vsnprintf(text + used, size - used, format, list);
    va_end(list);
}

static bool is_range(const int64_t *along, struct index_set *set) {
    set->first = set->last = -1;
    for (int64_t i = 0; i < set->length; i++) {
        if (along[i] == 0)
            continue;
        if (set->first < 0)
            set->first = i;
        set->last = i;
    }
    return set->last - set->first + 1 == set->members;
}

/* Index i is in the set exactly when first <= i % period <= last. */
static bool is_periodic(const int64_t *along, struct index_set *set, int64_t period) {
    bool member[PERIOD_MAX] = {false};
    int64_t first = -1, last = -1, residues = 0;

    for (int64_t i = 0; i < period; i++) {
        member[i] = along[i] > 0;
        residues += member[i];
        first = member[i] && first < 0 ? i : first;
        last = member[i] ? i : last;
    }
    if (residues == 0 || residues == period || last - first + 1 != residues)
        return false;
    for (int64_t i = period; i < set->length; i++)
        if ((along[i] > 0) != member[i % period])
            return false;
    set->first = first;
    set->last = last;
    set->period = period;
    return true;
}

static struct index_set describe_set(const int64_t *along, int64_t length) {
    struct index_set set = {.shape = SET_OTHER, .length = length};

    for (int64_t i = 0; i < length; i++)
        set.members += along[i] > 0;
    if (set.members == length) {
        set.shape = SET_ALL;
    } else if (is_range(along, &set)) {
        set.shape = SET_RANGE;
    } else {
        for (int64_t period = 2; period <= PERIOD_MAX && 3 * period <= length; period++) {
            if (!is_periodic(along, &set, period))
                continue;
            set.shape = SET_PERIODIC;
            break;
        }
    }
    return set;
}

static const char *ordinal_ending(int64_t n) {
    static const char *const ending[4] = {"th", "st", "nd", "rd"};

    if (n % 100 >= 11 && n % 100 <= 13)
        return "th";
    return n % 10 < 4 ? ending[n % 10] : "th";
}

/* "Rows 992-999 are wrong", "Every 8th row is wrong (3, 11, 19, ...)". `only` puts "Only" in front, "of 4" behind. */
static void say_set(const struct index_set *set, const struct nouns *nouns, bool only, const char *is, const char *are,
                    char *text, size_t size) {
    char noun[24], of[32] = "";
    const bool one = set->first == set->last;

    snprintf(noun, sizeof noun, "%s", one ? nouns->one : nouns->many);
    if (only)
        snprintf(of, sizeof of, " of %" PRId64, set->length);
    else
        noun[0] = (char)(noun[0] - 'a' + 'A');
    if (set->shape == SET_RANGE && one)
        pattern_append(text, size, "%s%s %" PRId64 "%s %s", only ? "Only " : "", noun, set->first, of, is);
    else if (set->shape == SET_RANGE)
        pattern_append(text, size, "%s%s %" PRId64 "-%" PRId64 "%s %s", only ? "Only " : "", noun, set->first,
                       set->last, of, are);
    else if (one)
        pattern_append(text, size, "Every %" PRId64 "%s %s %s (%" PRId64 ", %" PRId64 ", %" PRId64 ", ...)",
                       set->period, ordinal_ending(set->period), nouns->one, is, set->first, set->first + set->period,
                       set->first + 2 * set->period);
    else
        pattern_append(text, size, "The %s whose number modulo %" PRId64 " is %" PRId64 "-%" PRId64 " %s", nouns->many,
                       set->period, set->first, set->last, are);
}

/* 1000 = 31 * 32 + 8: the largest block that leaves a rest as long as what is wrong. */
static void advise_tail(const struct index_set *set, const struct nouns *nouns, struct pattern_remark *remark) {
    const int64_t tail = set->members;
    int64_t block = 0;

    if (set->shape != SET_RANGE || set->last != set->length - 1 || remark->advice[0])
        return;
    for (int64_t size = 2; size <= set->length; size *= 2)
        if (set->length % size == tail)
            block = size;
    if (block > 0)
        pattern_append(remark->advice, sizeof remark->advice,
                       "%" PRId64 " = %" PRId64 " * %" PRId64 " + %" PRId64 ", and the last %" PRId64
                       " %s the wrong %s: look at how your loop handles a final block shorter than %" PRId64 ".",
                       set->length, set->length / block, block, tail, tail, tail == 1 ? "is" : "are",
                       tail == 1 ? "one" : "ones", block);
    else if (tail == 1)
        pattern_append(remark->advice, sizeof remark->advice,
                       "Only the last %s is affected: look at the upper end of the loop over the %s.", nouns->one,
                       nouns->many);
}

static const struct nouns row_nouns = {"row", "rows"}, column_nouns = {"column", "columns"},
                          element_nouns = {"element", "elements"};

static struct nouns leading_nouns(const struct pattern_census *census, size_t k) {
    static const struct nouns attention[2] = {{"batch entry", "batch entries"}, {"head", "heads"}};

    if (census->rank == 4)
        return attention[k];
    if (census->rank == 3)
        return (struct nouns){"matrix", "matrices"};
    return (struct nouns){"block", "blocks"};
}

/* "(o[*][2][*][*], counted from 0)", so that nobody has to guess which dimension is meant. */
static void say_index(const struct pattern_census *census, size_t dimension, const struct index_set *set, char *text,
                      size_t size) {
    pattern_append(text, size, " (%s", census->plan.tensor->name);
    for (size_t k = 0; k < census->rank; k++) {
        if (k != dimension)
            pattern_append(text, size, "[*]");
        else if (set->first == set->last)
            pattern_append(text, size, "[%" PRId64 "]", set->first);
        else
            pattern_append(text, size, "[%" PRId64 "-%" PRId64 "]", set->first, set->last);
    }
    pattern_append(text, size, ", counted from 0)");
}

/* Returns how many of the leading slices are affected. */
static int64_t place_leading(const struct pattern_census *census, const char *is, const char *are,
                             struct pattern_remark *remark) {
    int64_t slices = 1;
    size_t said = 0;

    for (size_t k = 0; k + 2 < census->rank; k++) {
        const struct index_set set = describe_set(census->along[k], census->shape[k]);
        const struct nouns nouns = leading_nouns(census, k);

        slices *= set.members;
        if (set.shape == SET_ALL || set.shape == SET_OTHER)
            continue;
        pattern_append(remark->sentence, sizeof remark->sentence, said++ ? " " : "");
        say_set(&set, &nouns, true, is, are, remark->sentence, sizeof remark->sentence);
        if (set.shape == SET_RANGE)
            say_index(census, k, &set, remark->sentence, sizeof remark->sentence);
        pattern_append(remark->sentence, sizeof remark->sentence, "; all the others are right.");
    }
    return slices;
}

static bool place_triangle(const struct pattern_census *census, int64_t slices, const char *is,
                           struct pattern_remark *remark) {
    int64_t above = 0, below = 0;
    const char *what = NULL;

    if (census->rows < 4 || census->columns < 4)
        return false;
    for (int64_t row = 0; row < census->rows; row++) {
        above += row + 1 < census->columns ? census->columns - row - 1 : 0;
        below += row < census->columns ? row : census->columns;
    }
    if (census->below + census->diagonal == 0 && census->above * 5 >= above * slices * 4)
        what = "The upper triangle (column > row)";
    else if (census->below == 0 && census->above * 5 >= above * slices * 4)
        what = "The upper triangle with the diagonal (column >= row)";
    else if (census->above + census->diagonal == 0 && census->below * 5 >= below * slices * 4)
        what = "The lower triangle (column < row)";
    else if (census->above == 0 && census->below * 5 >= below * slices * 4)
        what = "The lower triangle with the diagonal (column <= row)";
    else if (census->above + census->below == 0)
        what = "Only the diagonal (column == row)";
    if (!what)
        return false;
    pattern_append(remark->sentence, sizeof remark->sentence, "%s %s; the rest is right.", what, is);
    pattern_append(remark->advice, sizeof remark->advice,
                   "Look at the mask, or at where the inner loop starts and ends in terms of the row.");
    return true;
}

static int64_t set_size(const struct index_set *set) {
    return set->shape == SET_OTHER ? set->length : set->members;
}

/* " in every column", " in columns 3-5", " in 17 of 64 columns". */
static void say_columns(const struct index_set *columns, char *text, size_t size) {
    if (columns->shape == SET_ALL)
        pattern_append(text, size, " in every column");
    else if (columns->shape == SET_RANGE && columns->first == columns->last)
        pattern_append(text, size, " in column %" PRId64, columns->first);
    else if (columns->shape == SET_RANGE)
        pattern_append(text, size, " in columns %" PRId64 "-%" PRId64, columns->first, columns->last);
    else
        pattern_append(text, size, " in %" PRId64 " of %" PRId64 " columns", columns->members, columns->length);
}

/* Rows, columns, or both. The set must be well filled, or a few scattered elements would make a "pattern". */
static bool place_matrix(const struct pattern_census *census, int64_t slices, const char *is, const char *are,
                         struct pattern_remark *remark) {
    char *text = remark->sentence;
    const size_t size = sizeof remark->sentence, last = census->rank - 1;
    const struct index_set columns = describe_set(census->along[last], census->columns);
    const struct index_set rows = census->rank >= 2 ? describe_set(census->along[last - 1], census->rows)
                                                    : (struct index_set){.length = 1, .members = 1};
    const int64_t cells = set_size(&rows) * set_size(&columns) * slices;
    const bool by_rows = rows.shape == SET_RANGE || rows.shape == SET_PERIODIC;
    const bool by_columns = columns.shape == SET_RANGE || columns.shape == SET_PERIODIC;

    if (2 * census->wrong < cells || (!by_rows && !by_columns))
        return false;
    if (by_rows) {
        say_set(&rows, &row_nouns, false, is, are, text, size);
        say_columns(&columns, text, size);
        advise_tail(&rows, &row_nouns, remark);
    } else {
        const struct nouns *nouns = census->rank == 1 ? &element_nouns : &column_nouns;
        say_set(&columns, nouns, false, is, are, text, size);
        if (census->rank >= 2 && rows.shape == SET_ALL)
            pattern_append(text, size, " in every row");
        else if (census->rank >= 2)
            pattern_append(text, size, " in %" PRId64 " of %" PRId64 " rows", rows.members, rows.length);
        advise_tail(&columns, nouns, remark);
    }
    if (10 * census->wrong < 9 * cells)
        pattern_append(text, size, " (%" PRId64 " of %" PRId64 " elements there)", census->wrong, cells);
    pattern_append(text, size, "; all the others are right.");
    return true;
}

/* True when no quarter of the longer of the last two dimensions holds more than half of the wrong elements. */
static bool is_even(const struct pattern_census *census) {
    const size_t dimension = census->rank >= 2 && census->rows >= census->columns ? census->rank - 2 : census->rank - 1;
    const int64_t length = census->shape[dimension];
    int64_t quarter[4] = {0};

    if (length < 4 || census->wrong < 8)
        return false;
    for (int64_t i = 0; i < length; i++)
        quarter[4 * i / length] += census->along[dimension][i];
    for (int k = 0; k < 4; k++)
        if (2 * quarter[k] > census->wrong)
            return false;
    return true;
}

static void place_scattered(const struct pattern_census *census, const char *is, const char *are,
                            struct pattern_remark *remark) {
    char *text = remark->sentence;
    const size_t size = sizeof remark->sentence;

    if (census->wrong == 1) {
        int64_t rest = 1;
        pattern_append(text, size, "A single element %s: %s", is, census->plan.tensor->name);
        for (size_t k = 0; k < census->rank; k++) {
            for (rest = 0; census->along[k][rest] == 0; rest++)
                continue;
            pattern_append(text, size, "[%" PRId64 "]", rest);
        }
        pattern_append(text, size, ".");
    } else if (census->wrong == census->count) {
        pattern_append(text, size, "All %" PRId64 " elements %s.", census->count, are);
    } else {
        pattern_append(text, size, "No pattern: %" PRId64 " of %" PRId64 " elements %s, %s.", census->wrong,
                       census->count, are, is_even(census) ? "spread evenly" : "scattered");
    }
}

void pattern_place(const struct pattern_census *census, const char *is, const char *are,
                   struct pattern_remark *remark) {
    char *text = remark->sentence;
    const size_t size = sizeof remark->sentence;
    int64_t slices;
    bool leading;

    *remark = (struct pattern_remark){.partial = census->wrong < census->count};
    if (census->wrong <= 1 || census->wrong == census->count) {
        place_scattered(census, is, are, remark);
        return;
    }
    slices = place_leading(census, is, are, remark);
    leading = text[0] != '\0';
    if (leading && 10 * census->wrong >= 9 * slices * census->rows * census->columns)
        return;
    if (leading)
        pattern_append(text, size, " There: ");
    if (!place_triangle(census, slices, is, remark) && !place_matrix(census, slices, is, are, remark))
        place_scattered(census, is, are, remark);
}
