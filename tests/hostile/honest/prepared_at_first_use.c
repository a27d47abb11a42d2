// H: a table that is made at the first use with pthread_once => passed
// harness: hostile-matmul
// test: timing
// It is the way to do what a constructor is not allowed to do.
#include "hostile-matmul.h"

#include <math.h>
#include <pthread.h>

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

static pthread_once_t once = PTHREAD_ONCE_INIT;
static float table[4096];

static void prepare(void) {
    for (int i = 0; i < 4096; i++)
        table[i] = cosf((float)i);
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    pthread_once(&once, prepare);
    multiply(n, alpha * table[0], a, b, c);
    return 0;
}
