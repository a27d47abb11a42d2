/* SPDX-License-Identifier: MIT */
/* Is an output right: sums over blocks, the bound, and the verdict. */
#include "grader/compare.h"

#include <assert.h>
#include <float.h>
#include <math.h>

#include "grader/clones.h"
#include "grader/compare_block.h"

enum { LANES = 8 };

/* The constants of the rule: how many times the honest float32 error is allowed, and where no error is honest. */
static const double reference_factor = 16, rms_least = 0.25, theory_factor = 2, theory_extra = 20, ratio_cap = 2048;

struct totals {
    double error2, expected2, ratio2;
    double error, relative, ulp, ratio;
    int64_t zeros;
};

/* One pass over the tensor. Elements whose ratio*weight exceeds `limit` are counted as failing. */
struct pass {
    const struct compare_plan *plan;
    double weight, limit;
    struct compare_error *error; /* NULL: only count the failing ones */
    struct totals totals;
    int64_t failing;
    struct compare_element first;
};

static double larger(double a, double b) {
    return a > b ? a : b;
}

/* Zero stays zero even when the weight is infinite (the Frobenius rule with a zero oracle). */
static double weighted(double ratio, double weight) {
    return ratio > 0 ? ratio * weight : 0;
}

/* Returns the block's largest ratio. Eight lanes each, so that sums and maxima do not wait for one another. The block
 * holds no NaN any more. */
CLONES
static double add_block(struct totals *totals, const struct compare_block *block) {
    double error2[LANES] = {0}, expected2[LANES] = {0}, ratio2[LANES] = {0};
    double error[LANES] = {0}, relative[LANES] = {0}, ulp[LANES] = {0}, ratio[LANES] = {0};
    double biggest = 0;
    int64_t zeros = 0;

    for (size_t i = 0; i < COMPARE_BLOCK; i += LANES) {
        for (size_t l = 0; l < LANES; l++) {
            const double e = block->error[i + l], y = block->expected[i + l], r = block->ratio[i + l];
            const double size = fabs(y), share = size > 0 ? e / size : 0;

            error2[l] += e * e;
            expected2[l] += y * y;
            ratio2[l] += r * r;
            error[l] = e > error[l] ? e : error[l];
            relative[l] = share > relative[l] ? share : relative[l];
            ratio[l] = r > ratio[l] ? r : ratio[l];
            ulp[l] = block->ulp[i + l] > ulp[l] ? block->ulp[i + l] : ulp[l];
        }
    }
    for (size_t i = 0; i < COMPARE_BLOCK; i++)
        zeros += block->got[i] == 0;
    for (size_t l = 0; l < LANES; l++) {
        totals->error2 += error2[l];
        totals->expected2 += expected2[l];
        totals->ratio2 += ratio2[l];
        totals->error = larger(totals->error, error[l]);
        totals->relative = larger(totals->relative, relative[l]);
        totals->ulp = larger(totals->ulp, ulp[l]);
        biggest = larger(biggest, ratio[l]);
    }
    totals->ratio = larger(totals->ratio, biggest);
    totals->zeros += zeros - (int64_t)(COMPARE_BLOCK - block->count);
    return biggest;
}

static void fill_element(const struct compare_plan *plan, const struct compare_block *block, size_t i,
                         struct compare_element *element) {
    const struct compare_tensor *tensor = plan->tensor;
    int64_t rest = block->first + (int64_t)i;

    *element = (struct compare_element){
        .flat = rest,
        .got = block->got[i],
        .expected = compare_expected(plan, rest),
        .gauge = plan->rule == SPEC_RULE_GAUGE ? tensor->gauge[rest] : 0,
        .error = block->error[i],
        .ratio = block->ratio[i],
        .ulp = block->ulp[i],
    };
    for (size_t k = tensor->rank; k-- > 0;) {
        element->index[k] = rest % tensor->shape[k];
        rest /= tensor->shape[k];
    }
}

/* Keeps the list sorted; among equals the earlier element stays ahead. */
static void add_worst(const struct pass *pass, const struct compare_block *block) {
    struct compare_error *error = pass->error;

    for (size_t i = 0; i < block->count; i++) {
        const double ratio = block->ratio[i];
        size_t at = error->worst_count;

        if (!(ratio > 0) || (at == COMPARE_WORST && !(ratio > error->worst[at - 1].ratio)))
            continue;
        if (at == COMPARE_WORST)
            at--;
        else
            error->worst_count++;
        for (; at > 0 && error->worst[at - 1].ratio < ratio; at--)
            error->worst[at] = error->worst[at - 1];
        fill_element(pass->plan, block, i, &error->worst[at]);
    }
}

static void add_failing(struct pass *pass, const struct compare_block *block) {
    for (size_t i = 0; i < block->count; i++) {
        if (weighted(block->ratio[i], pass->weight) <= pass->limit)
            continue;
        if (pass->failing == 0) {
            fill_element(pass->plan, block, i, &pass->first);
            pass->first.ratio = weighted(block->ratio[i], pass->weight);
        }
        pass->failing++;
    }
}

static void run_pass(struct pass *pass) {
    struct compare_error *error = pass->error;
    struct compare_block block;

    for (int64_t first = 0; first < pass->plan->count; first += COMPARE_BLOCK) {
        double biggest;

        compare_block_fill(pass->plan, first, &block);
        biggest = add_block(&pass->totals, &block);
        if (!(weighted(biggest, pass->weight) <= pass->limit))
            add_failing(pass, &block);
        if (!error)
            continue;
        error->not_finite += block.not_finite;
        error->unwritten += block.unwritten;
        error->both_nan += block.both_nan;
        error->flushed += block.flushed;
        if (error->worst_count < COMPARE_WORST || biggest > error->worst[COMPARE_WORST - 1].ratio)
            add_worst(pass, &block);
    }
}

/* What turns an element's error into a ratio of the Frobenius rule: its error against the size that a typical element
 * has. If the whole tensor is out of tolerance, at least one element is. Against a norm that overflowed every error
 * would be small, so there any error is too large. */
static double frobenius_weight(const struct totals *totals, int64_t count) {
    if (!(totals->expected2 <= DBL_MAX))
        return INFINITY;
    return sqrt((double)count) / sqrt(totals->expected2);
}

double compare_weight(const struct compare_plan *plan) {
    struct pass pass = {.plan = plan, .weight = 1, .limit = INFINITY};

    if (plan->rule != SPEC_RULE_FROBENIUS)
        return 1;
    run_pass(&pass);
    return frobenius_weight(&pass.totals, plan->count);
}

/* A quotient of infinite norms says nothing, so it must not accept. */
static double without_nan(double value) {
    return isnan(value) ? INFINITY : value;
}

static void summarise(struct pass *pass) {
    struct compare_error *error = pass->error;
    const struct totals *totals = &pass->totals;
    const double count = (double)pass->plan->count;

    error->count = pass->plan->count;
    error->max_abs = totals->error;
    error->max_rel = totals->relative;
    error->max_ulp = totals->ulp;
    error->zeros = totals->zeros;
    if (pass->plan->count == 0)
        return;
    error->rel_fro = without_nan(weighted(sqrt(totals->error2), 1 / sqrt(totals->expected2)));
    error->ratio = totals->ratio;
    error->rms = sqrt(totals->ratio2 / count);
    if (pass->plan->rule == SPEC_RULE_FROBENIUS) {
        const double weight = frobenius_weight(totals, pass->plan->count);

        error->ratio = error->rms = without_nan(weighted(error->rms, weight));
        for (size_t k = 0; k < error->worst_count; k++)
            error->worst[k].ratio = weighted(error->worst[k].ratio, weight);
    }
}

void compare_measure(const struct compare_tensor *tensor, const struct compare_rule *rule,
                     struct compare_error *error) {
    struct compare_plan plan;
    struct pass pass = {.plan = &plan, .weight = 1, .limit = INFINITY, .error = error};

    *error = (struct compare_error){0};
    compare_plan_init(&plan, tensor, rule);
    run_pass(&pass);
    summarise(&pass);
}

void compare_bound_from(const struct compare_rule *rule, const struct compare_error *reference, size_t count,
                        struct compare_bound *bound) {
    const double reduction = rule->reduction >= 1 ? rule->reduction : 1;
    double ratio = 0, rms = 0;

    for (size_t k = 0; k < count; k++) {
        ratio = larger(ratio, without_nan(reference[k].ratio));
        rms = larger(rms, without_nan(reference[k].rms));
    }
    *bound = (struct compare_bound){.reference_ratio = ratio, .reference_rms = rms};
    switch (rule->rule) {
    case SPEC_RULE_GAUGE:
        bound->ratio = fmin(reference_factor * fmax(ratio, 1), theory_factor * (reduction + theory_extra));
        bound->ratio = fmin(bound->ratio, ratio_cap);
        bound->rms = reference_factor * fmax(rms, rms_least);
        break;
    case SPEC_RULE_FROBENIUS:
        bound->ratio = bound->rms = fmin(reference_factor * fmax(ratio, 0x1p-24), rule->limit);
        break;
    case SPEC_RULE_ULP:
        bound->ratio = bound->rms = rule->limit;
        break;
    case SPEC_RULE_CURVE:
        bound->ratio = bound->rms = fmax(rule->floor, reference_factor * ratio);
        break;
    case SPEC_RULE_AT_LEAST:
        bound->ratio = bound->rms = 1;
        break;
    case SPEC_RULE_EXACT:
    case SPEC_RULE_JUDGED:
    case SPEC_RULES:
        break;
    }
    bound->valid = ratio <= bound->ratio && rms <= bound->rms;
    if (rule->rule == SPEC_RULE_CURVE)
        bound->valid = bound->valid && ratio <= rule->limit;
}

static double share(double value, double bound) {
    return value > 0 ? value / bound : 0;
}

static enum verdict verdict_of(const struct compare_error *error, const struct compare_bound *bound) {
    if (error->unwritten > 0)
        return VERDICT_UNWRITTEN_OUTPUT;
    if (error->not_finite > 0)
        return VERDICT_NOT_FINITE;
    if (!(error->ratio <= bound->ratio) || !(error->rms <= bound->rms))
        return VERDICT_WRONG_ANSWER;
    return VERDICT_PASSED;
}

void compare_judge(const struct compare_tensor *tensor, const struct compare_rule *rule,
                   const struct compare_bound *bound, struct compare_result *result) {
    struct compare_plan plan;
    struct pass pass = {.plan = &plan, .weight = 1, .limit = bound->ratio, .error = &result->error};

    *result = (struct compare_result){.bound = *bound};
    compare_plan_init(&plan, tensor, rule);
    if (plan.rule == SPEC_RULE_FROBENIUS)
        pass.limit = INFINITY;
    run_pass(&pass);
    summarise(&pass);
    result->verdict = verdict_of(&result->error, bound);
    result->used = larger(share(result->error.ratio, bound->ratio), share(result->error.rms, bound->rms));
    if (plan.rule == SPEC_RULE_FROBENIUS && result->verdict != VERDICT_PASSED) {
        pass =
            (struct pass){.plan = &plan, .limit = bound->ratio, .weight = frobenius_weight(&pass.totals, plan.count)};
        run_pass(&pass);
    }
    result->failing = pass.failing;
    result->first = pass.first;
}
