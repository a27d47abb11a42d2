// H: OpenMP with small dynamic chunks, a reduction and nested regions => passed
// harness: hostile-threads
// The runtime asks for more on its first use than the plain loop does.
#include "hostile-threads.h"

#include <omp.h>

static void multiply_row(int32_t n, float alpha, const float *a, const float *b, float *row) {
    for (int32_t j = 0; j < n; j++)
        row[j] = 0;
    for (int32_t k = 0; k < n; k++)
        for (int32_t j = 0; j < n; j++)
            row[j] += alpha * a[k] * b[(int64_t)k * n + j];
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    double sum = 0;
#pragma omp parallel for schedule(dynamic, 1) num_threads(2)
    for (int32_t i = 0; i < n; i++)
        multiply_row(n, alpha, a + (int64_t)i * n, b, c + (int64_t)i * n);
#pragma omp parallel for reduction(+ : sum) num_threads(4)
    for (int32_t i = 0; i < n * n; i++)
        sum += c[i];
    return sum != sum;
}
