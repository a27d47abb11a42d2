// H: OpenMP with as many threads as there are => passed
// harness: hostile-threads
// test: timing
// libgomp keeps its threads between calls; the worker has told it not to spin.
#include "hostile-threads.h"

#include <omp.h>

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
#pragma omp parallel for
    for (int32_t i = 0; i < n; i++) {
        float *row = c + (int64_t)i * n;
        for (int32_t j = 0; j < n; j++)
            row[j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                row[j] += alpha * a[(int64_t)i * n + k] * b[(int64_t)k * n + j];
    }
    return omp_get_max_threads() > 0 ? 0 : 1;
}
