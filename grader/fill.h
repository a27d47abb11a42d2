/* SPDX-License-Identifier: MIT */
/* Named distributions that make the inputs of a case. What they cannot express, a pack's `generate` makes.
 *
 * "Row" means the last dimension of the tensor: a tensor of shape [b][h][t][d] has b*h*t rows of d elements. */
#ifndef GRADER_FILL_H
#define GRADER_FILL_H

#include <stddef.h>
#include <stdint.h>

#include "grader/dataset.h"
#include "grader/dtype.h"
#include "grader/random.h"

enum fill_kind {
    FILL_ZERO,          /* all 0 */
    FILL_CONSTANT,      /* value */
    FILL_NORMAL,        /* mean + sd*N(0,1) */
    FILL_UNIFORM,       /* low <= x < high */
    FILL_LOG_UNIFORM,   /* magnitude 10^U(low,high), random sign */
    FILL_ROW_SCALED,    /* (mean + sd*N(0,1)) * 10^U(low,high), one exponent per row */
    FILL_CONSTANT_ROWS, /* one mean + sd*N(0,1) per row, repeated along it */
    FILL_NEAR_CONSTANT, /* value*(1 + spread*N(0,1)) */
    FILL_OUTLIER,       /* mean + sd*N(0,1), and `value` at one random place of each row */
    FILL_ASCENDING,     /* start + step*column + sd*N(0,1) */
    FILL_ROW_ASCENDING, /* start + step*(row modulo period) + sd*N(0,1), the same in every column but for the noise */
    FILL_TIES,          /* one of `levels` equally spaced values in [low, high], so that equal values are common */
    FILL_ONE_HOT,       /* 0, and `value` at one random place of each row */
    FILL_PERMUTATION,   /* each row is a permutation of 0 .. columns-1 */
    FILL_INTEGERS,      /* whole numbers, low <= x <= high */
    FILL_DENORMAL,      /* random subnormal float32, both signs */
    FILL_SPECIAL,       /* normal numbers mixed with 0, -0, the smallest and the largest finite float32 */
    FILL_LIST,          /* the given values in order, again and again */
    FILL_DATASET,       /* rows of a data file; the first dimension counts them */
    FILL_COUNT
};

enum { FILL_PARAMETERS = 4, FILL_LIST_MAX = 16, FILL_OVERLAYS_MAX = 3 };

/* Written over the filled tensor, in order. */
enum fill_overlay_kind {
    FILL_EVERY, /* every element of the flattened tensor whose index % stride == offset becomes `value` */
    FILL_PAD,   /* every element in a column >= from becomes `value` (NaN shows a solution that reads padding) */
    FILL_TAIL,  /* every row >= from (counted over the second-to-last dimension) becomes `value` */
    FILL_OVERLAY_COUNT
};

struct fill_overlay {
    enum fill_overlay_kind kind;
    double stride, offset, from, value;
};

struct fill {
    enum fill_kind kind;
    double parameter[FILL_PARAMETERS]; /* by the order of fill_describe()->parameter */
    size_t list_count;
    double list[FILL_LIST_MAX];
    const struct dataset *dataset; /* the spec's; type, shape and number of rows of the tensor suit the field */
    const struct dataset_field *field;
    bool drawn; /* rows at random, else the first ones */
    size_t overlay_count;
    struct fill_overlay overlay[FILL_OVERLAYS_MAX];
};

/* What the spec reader and the schema need to know of a kind. */
struct fill_description {
    const char *name; /* in challenge.json: "log_uniform" */
    size_t parameter_count;
    const char *parameter[FILL_PARAMETERS]; /* "low", "high" */
    double fallback[FILL_PARAMETERS];       /* when the spec does not say */
};

const struct fill_description *fill_describe(enum fill_kind kind);
enum fill_kind fill_from_name(const char *name); /* FILL_COUNT if unknown */

/* Fills `array` of prod(shape) elements. Pure: the same fill, shape and stream give the same bytes on any machine. The
 * stream of a data set is dataset_stream()'s. */
void fill_make(const struct fill *fill, enum dtype type, const int64_t *shape, size_t rank,
               const struct random_stream *stream, void *array);

#endif
