// H: two threads with OpenMP, as allowed; its helpers fall asleep a little after the call => passed
// harness: hostile-threads
// No alarm: what a team of threads does behind its barrier is the price of having one. On a busy machine two threads
// cannot be timed, and it is twice as fast as the loops beside it where they can: so it is graded for correctness
// only.
#include "hostile-threads.h"

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
#pragma omp parallel for num_threads(2) schedule(static)
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
    return 0;
}
