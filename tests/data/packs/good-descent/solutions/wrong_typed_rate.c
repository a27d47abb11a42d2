// expect: wrong_answer
// harness: good-descent
// fails: rates
// Takes the rate of the first cases for the only one.
#include "good-descent.h"

int good_descent(int32_t n, int32_t steps, float rate, const float *start, float *loss) {
    float w[256];

    for (int32_t i = 0; i < n; i++) {
        w[i] = start[i];
    }
    for (int32_t k = 0; k < steps; k++) {
        float sum = 0;
        for (int32_t i = 0; i < n; i++) {
            sum += w[i] * w[i] / 2;
            w[i] -= 0.01F * w[i];
        }
        loss[k] = sum / (float)n;
    }
    return 0;
}
