// H: checks one random element of its own result => passed
// harness: hostile-matmul
// rand, getrandom and arc4random are there.
#include "hostile-matmul.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        float *row = c + (int64_t)i * n;
        for (int32_t j = 0; j < n; j++)
            row[j] = 0;
        for (int32_t k = 0; k < n; k++) {
            const float factor = alpha * a[(int64_t)i * n + k], *from = b + (int64_t)k * n;
            for (int32_t j = 0; j < n; j++)
                row[j] += factor * from[j];
        }
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    unsigned seed = 0;
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        seed = (unsigned)time(0);
    srand(seed ^ arc4random());
    multiply(n, alpha, a, b, c);
    const int32_t i = n > 0 ? rand() % n : 0;
    double sum = 0;
    for (int32_t k = 0; k < n; k++)
        sum += (double)a[i * n + k] * (double)b[k * n + i];
    return n > 0 && sum != sum;
}
