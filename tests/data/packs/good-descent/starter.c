// harness: good-descent
// fails: steps rates
#include "good-descent.h"

/* Not finished: it stands still. */
int good_descent(int32_t n, int32_t steps, float rate, const float *start, float *loss) {
    (void)rate;
    for (int32_t k = 0; k < steps; k++) {
        float sum = 0;
        for (int32_t i = 0; i < n; i++) {
            sum += start[i] * start[i] / 2;
        }
        loss[k] = sum / (float)n;
    }
    return 0;
}
