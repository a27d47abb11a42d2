// H: two threads that meet at a barrier and yield while they wait => passed
// harness: hostile-threads
// test: timing
// With both cores taken by others it waits long, but inside the call.
#include "hostile-threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
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

static atomic_int arrived;

static void *meet(void *argument) {
    atomic_fetch_add(&arrived, 1);
    while (atomic_load(&arrived) < 2)
        sched_yield();
    return multiply_rows(argument);
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    struct part upper = {n, 0, n / 2, alpha, a, b, c}, lower = {n, n / 2, n, alpha, a, b, c};
    pthread_t thread;
    atomic_store(&arrived, 0);
    if (pthread_create(&thread, NULL, meet, &lower) != 0)
        return 1;
    meet(&upper);
    pthread_join(thread, NULL);
    return 0;
}
