// H: threads that end with pthread_exit => passed
// harness: hostile-threads
// The C library loads libgcc_s.so.1 for it, at the first use, when no file can be opened any more.
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

static void *multiply_and_exit(void *argument) {
    pthread_exit(multiply_rows(argument));
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    const struct part upper = {n, 0, n / 2, alpha, a, b, c}, lower = {n, n / 2, n, alpha, a, b, c};
    pthread_t thread[2];
    if (pthread_create(&thread[0], NULL, multiply_and_exit, (void *)&upper) != 0 ||
        pthread_create(&thread[1], NULL, multiply_and_exit, (void *)&lower) != 0)
        return 1;
    pthread_join(thread[0], NULL);
    pthread_join(thread[1], NULL);
    return 0;
}
