// expect: wrong_answer
// harness: good-descent
// fails: steps
// Turns round after step 106, as a broken schedule would.
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
            w[i] -= (k < 106 ? rate : -rate) * w[i];
        }
        loss[k] = sum / (float)n;
    }
    return 0;
}
