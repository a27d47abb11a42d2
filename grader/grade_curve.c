/* SPDX-License-Identifier: MIT */
/* Curves: what a grading keeps of outputs that are read as a curve, for the reports. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grader/grading.h"

/* A longer one would only swell the reports: nobody reads a curve of this many steps one by one. */
enum { CURVE_STEPS_MAX = 1 << 16 };

static struct grade_curve *find(const struct grade_case *c, const char *output) {
    for (size_t i = 0; i < c->curve_count; i++)
        if (strcmp(c->curve[i].output, output) == 0)
            return &c->curve[i];
    return NULL;
}

/* A new one for `count` steps, or the old one to be written over. */
static struct grade_curve *make_room(struct grade_case *c, struct grade_curve *old, size_t count) {
    double *values = malloc((2 * count + 1) * sizeof *values);
    if (c->curve == NULL)
        c->curve = calloc(SPEC_ARGUMENTS_MAX, sizeof *c->curve);
    if (values == NULL || c->curve == NULL) {
        free(values);
        return NULL;
    }
    struct grade_curve *curve = old != NULL ? old : &c->curve[c->curve_count++];
    free(curve->got);
    *curve = (struct grade_curve){.count = count, .got = values, .expected = values + count};
    return curve;
}

/* The error that the first wrong step was allowed, or the step nearest to its limit; NaN when it cannot be said. */
static double allowed(const struct compare_rule *rule, const struct compare_result *result) {
    const struct compare_element *element = result->failing > 0             ? &result->first
                                            : result->error.worst_count > 0 ? &result->error.worst[0]
                                                                            : NULL;
    if (rule->rule == SPEC_RULE_CURVE)
        return result->bound.ratio;
    if (rule->rule == SPEC_RULE_EXACT)
        return 0;
    if (element == NULL || !isfinite(element->error) || !isfinite(element->ratio) || !(element->ratio > 0))
        return NAN;
    return element->error / element->ratio * result->bound.ratio;
}

int grading_keep_curve(const struct grading_view *view, const struct expected_output *expected,
                       const struct compare_tensor *seen, const struct compare_result *result, struct error *err) {
    struct grade_case *c = view->curves;
    if (c == NULL || c->hidden || !view->trial->entry->argument[expected->argument].curve)
        return 0;
    const bool passed = result->verdict == VERDICT_PASSED;
    struct grade_curve *curve = find(c, seen->name);
    if (curve != NULL && (passed || !curve->passed))
        return 0;
    size_t count = 1;
    for (size_t i = 0; i < seen->rank; i++)
        count *= (size_t)seen->shape[i];
    if (count == 0 || count > CURVE_STEPS_MAX)
        return 0;
    curve = make_room(c, curve, count);
    if (curve == NULL)
        return error_errno(err, "cannot keep the curve of %s", seen->name);
    const enum dtype truth = dtype_info(seen->type)->floating ? DTYPE_F64 : seen->type;
    for (size_t i = 0; i < count; i++) {
        curve->got[i] = dtype_load(seen->type, seen->got, i);
        curve->expected[i] = dtype_load(truth, seen->expected, i);
    }
    curve->output = seen->name;
    curve->passed = passed;
    curve->tolerance = allowed(&expected->rule, result);
    curve->first_divergence = result->failing > 0 ? result->first.flat : -1;
    return 0;
}

void grading_release_curves(struct grade_case *c) {
    for (size_t i = 0; i < c->curve_count; i++)
        free(c->curve[i].got);
    free(c->curve);
    c->curve = NULL;
    c->curve_count = 0;
}
