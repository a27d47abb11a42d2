/* SPDX-License-Identifier: MIT */
/* Points. Everything here fails closed: what is missing, zero or NaN earns nothing. */
#include "grader/score.h"

#include <assert.h>
#include <math.h>

double score_share(double ratio, double zero, double full) {
    assert(zero > 0 && full > zero);
    if (!(ratio > zero))
        return 0;
    if (ratio >= full)
        return 1;
    return log(ratio / zero) / log(full / zero);
}

double score_geometric_mean(const double *ratio, size_t count) {
    double sum = 0;

    assert(count > 0);
    for (size_t i = 0; i < count; i++) {
        if (!(ratio[i] > 0))
            return 0;
        sum += log(ratio[i]);
    }
    return exp(sum / (double)count);
}

double score_points(const struct score_input *input) {
    double points;

    assert(input->cases_passed <= input->cases && input->gates_passed <= input->gates);
    if (input->cases == 0)
        return 0;
    if (input->cases_passed < input->cases) {
        if (!input->partial)
            return 0;
        if (input->gates > 0)
            return input->points_correct * (double)input->gates_passed / (double)input->gates;
        return input->points_correct * (double)input->cases_passed / (double)input->cases;
    }
    points = input->points_correct;
    if (input->timed && input->points_speed > 0)
        points += input->points_speed * score_share(input->ratio, input->ratio_zero, input->ratio_full);
    return points;
}
