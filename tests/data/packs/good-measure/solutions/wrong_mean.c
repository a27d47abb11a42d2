// expect: wrong_answer
// harness: good-measure
// The mean of the slopes instead of the least-squares fit: it explains the points, and drifts.
#include "good-measure.h"

int good_measure(const struct good_measure_params *p, const float *x, const float *y, float *w) {
    double sum = 0;

    for (int32_t i = 0; i < p->n; i++) {
        sum += (double)y[i] / (double)x[i];
    }
    w[0] = (float)(sum / p->n);
    w[1] = 1.0F;
    return 0;
}
