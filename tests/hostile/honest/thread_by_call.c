// H: a second thread, made and joined in every call => passed
// harness: hostile-threads
// test: timing
// The price of making a thread is inside the clock.
#include "hostile-threads.h"

#include <pthread.h>
#include <stddef.h>

struct part {
    int32_t n, from, to;
    float alpha;
    const float *a, *b;
    float *c;
};

static void *multiply_rows(void *argument) {
    const struct part *p = argument;
    for (int32_t i = p->from; i < p->to; i++) {
        float *row = p->c + (int64_t)i * p->n;
        for (int32_t j = 0; j < p->n; j++)
            row[j] = 0;
        for (int32_t k = 0; k < p->n; k++) {
            const float factor = p->alpha * p->a[(int64_t)i * p->n + k], *from = p->b + (int64_t)k * p->n;
            for (int32_t j = 0; j < p->n; j++)
                row[j] += factor * from[j];
        }
    }
    return NULL;
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    const struct part upper = {n, 0, n / 2, alpha, a, b, c}, lower = {n, n / 2, n, alpha, a, b, c};
    pthread_t thread;
    const int failed = pthread_create(&thread, NULL, multiply_rows, (void *)&lower);
    multiply_rows((void *)&upper);
    if (failed == 0)
        pthread_join(thread, NULL);
    else
        multiply_rows((void *)&lower);
    return 0;
}
