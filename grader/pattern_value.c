/* SPDX-License-Identifier: MIT */
/* What is wrong with the values: one relation between got and expected that holds for all the wrong elements. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "grader/pattern_parts.h"

enum { FEW = 4 }; /* fewer wrong elements fit many relations by chance */

/* Relative: far above float32 rounding, far below a coincidence. */
static const double tight = 1e-4;

static bool mostly(const struct pattern_census *census) {
    return 10 * census->wrong >= 9 * census->count;
}

static const char *subject(const struct pattern_census *census) {
    return mostly(census) ? "Every value" : "Every wrong value";
}

static bool is_zero(const struct pattern_census *census, struct pattern_remark *remark) {
    if (census->zero != census->wrong || census->wrong < 2)
        return false;
    pattern_append(remark->sentence, sizeof remark->sentence, "%s is zero.",
                   census->result->error.zeros == census->count ? "Every element" : subject(census));
    return true;
}

static bool is_constant(const struct pattern_census *census, struct pattern_remark *remark) {
    if (census->finite != census->wrong || census->wrong < FEW || !(census->least == census->most))
        return false;
    pattern_append(remark->sentence, sizeof remark->sentence, "%s is %.9g, whatever was expected.", subject(census),
                   census->least);
    return true;
}

struct familiar {
    double factor;
    const char *advice;
};

static const struct familiar familiar_table[] = {
    {2, "A factor of 2 is missing or applied twice."},
    {0.5, "A factor of 2 is missing or applied twice."},
    {1.4426950408889634, "1.442695 is log2(e): exp2 or log2 stands where exp or log is meant."},
    {0.6931471805599453, "0.693147 is ln(2): exp2 or log2 stands where exp or log is meant."},
};

/* Factors that are made of a dimension of the output. */
struct scaling {
    double (*of)(double n);
    const char *name, *advice;
};

static double root(double n) {
    return sqrt(n);
}

static double inverse_root(double n) {
    return 1 / sqrt(n);
}

static double itself(double n) {
    return n;
}

static double inverse(double n) {
    return 1 / n;
}

static double over_one_less(double n) {
    return n / (n - 1);
}

static double one_less_over(double n) {
    return (n - 1) / n;
}

static const char root_advice[] = "a scale by the square root is missing or applied once too often";
static const char sum_advice[] = "a sum stands where the mean is meant, or a division by n is missing";
static const char mean_advice[] = "a mean stands where the sum is meant, or it is divided by n once too often";
static const char less_advice[] = "n - 1 stands where n is meant, or the other way round";
static const struct scaling scaling_table[] = {
    {.of = inverse_root, .name = "1/sqrt(n)", .advice = root_advice},
    {.of = root, .name = "sqrt(n)", .advice = root_advice},
    {.of = inverse, .name = "1/n", .advice = mean_advice},
    {.of = itself, .name = "n", .advice = sum_advice},
    {.of = over_one_less, .name = "n/(n-1)", .advice = less_advice},
    {.of = one_less_over, .name = "(n-1)/n", .advice = less_advice},
};

static bool near(double a, double b) {
    return fabs(a - b) <= tight * fabs(b);
}

static void advise_scaling(const struct pattern_census *census, double factor, struct pattern_remark *remark) {
    for (size_t k = census->rank; k-- > 0;) {
        const int64_t n = census->shape[k];

        for (size_t s = 0; n >= 3 && s < sizeof scaling_table / sizeof *scaling_table; s++) {
            const struct scaling *scaling = &scaling_table[s];
            if (!near(factor, scaling->of((double)n)))
                continue;
            pattern_append(remark->advice, sizeof remark->advice,
                           "The factor is %s with n = %" PRId64 ", the length of dimension %zu of %zu: %s.",
                           scaling->name, n, k + 1, census->rank, scaling->advice);
            return;
        }
    }
    for (size_t s = 0; s < sizeof familiar_table / sizeof *familiar_table; s++)
        if (near(factor, familiar_table[s].factor))
            pattern_append(remark->advice, sizeof remark->advice, "%s", familiar_table[s].advice);
}

static bool is_scaled(const struct pattern_census *census, struct pattern_remark *remark) {
    const double factor = census->gy / census->yy;
    const double misfit = 1 - census->gy * census->gy / (census->gg * census->yy);

    if (census->finite != census->wrong || census->wrong < FEW || !(misfit <= tight * tight))
        return false;
    if (near(factor, 1))
        return false;
    if (near(factor, -1)) {
        pattern_append(remark->sentence, sizeof remark->sentence, "%s has the wrong sign.", subject(census));
        return true;
    }
    pattern_append(remark->sentence, sizeof remark->sentence, "%s is %.6g times the expected one.", subject(census),
                   factor);
    advise_scaling(census, factor, remark);
    return true;
}

static bool is_offset(const struct pattern_census *census, struct pattern_remark *remark) {
    const double low = census->least_offset, high = census->most_offset, middle = (low + high) / 2;
    const double typical = sqrt(census->yy / (double)census->wrong);

    if (census->finite != census->wrong || census->wrong < FEW || !(high - low <= 1e-3 * fabs(middle)))
        return false;
    /* In the shadow of large values every small error looks alike. */
    if (!(fabs(middle) > tight * typical))
        return false;
    pattern_append(remark->sentence, sizeof remark->sentence, "%s is %.6g too %s.", subject(census), fabs(middle),
                   middle > 0 ? "large" : "small");
    return true;
}

static bool has_few_bits(const struct pattern_census *census, struct pattern_remark *remark) {
    const bool narrow = (census->got_bits & 0xffffu) == 0;

    if (census->plan.tensor->type != DTYPE_F32 || census->wrong < FEW)
        return false;
    /* Answers that need few bits, such as small whole numbers, tell nothing. */
    if ((census->got_bits & 0x1fffu) != 0 || (census->expected_bits & 0x1fffu) == 0)
        return false;
    if (!(census->result->error.rel_fro < 0.03))
        return false;
    pattern_append(remark->sentence, sizeof remark->sentence,
                   "Every value is near the expected one, but has only %d significant bits.", narrow ? 8 : 11);
    pattern_append(remark->advice, sizeof remark->advice, "%s",
                   narrow ? "8 bits are what bfloat16 keeps: compute and store in float32."
                          : "11 bits are what float16 and TF32 keep: compute and store in float32.");
    return true;
}

/* No element stands out and the errors are small against the values: the formula is right and the arithmetic is not. */
static bool is_imprecise(const struct pattern_census *census, struct pattern_remark *remark) {
    const struct compare_error *error = &census->result->error;
    const double typical = error->rel_fro * sqrt(census->total_yy / (double)census->count);

    if (!(error->rel_fro < 0.01) || !(error->max_abs <= 50 * typical) || census->wrong < FEW ||
        10 * census->wrong < census->count || !dtype_info(census->plan.tensor->type)->floating)
        return false;
    pattern_append(
        remark->sentence, sizeof remark->sentence,
        "The errors are small, %.1e of the size of the values, and spread over the whole output: low precision "
        "rather than a wrong index or formula.",
        error->rel_fro);
    if (error->rel_fro > 8e-4 && error->rel_fro < 4e-3)
        pattern_append(remark->advice, sizeof remark->advice,
                       "Rounding to bfloat16 leaves errors of this size (8 bits, 2e-3).");
    else if (error->rel_fro > 1e-4 && error->rel_fro < 5e-4)
        pattern_append(remark->advice, sizeof remark->advice,
                       "Rounding to float16 or TF32 leaves errors of this size (11 bits, 2e-4).");
    return true;
}

typedef bool relation_fn(const struct pattern_census *census, struct pattern_remark *remark);

bool pattern_values(const struct pattern_census *census, struct pattern_remark *remark) {
    static relation_fn *const relation[] = {is_zero, is_constant, is_scaled, is_offset};

    *remark = (struct pattern_remark){.partial = !mostly(census)};
    for (size_t k = 0; k < sizeof relation / sizeof *relation; k++)
        if (relation[k](census, remark))
            return true;
    if (pattern_moved(census, remark))
        return true;
    remark->partial = false;
    return has_few_bits(census, remark) || is_imprecise(census, remark);
}
