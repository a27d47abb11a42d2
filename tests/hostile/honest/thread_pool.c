// H: a thread that is made in the first call and waits for work ever after => passed
// harness: hostile-threads
// test: timing
// Between calls it sleeps on a condition variable, some microseconds after the call has returned.
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

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct part work;
static int waiting, running;

static void *helper(void *unused) {
    pthread_mutex_lock(&mutex);
    for (;;) {
        while (!waiting)
            pthread_cond_wait(&changed, &mutex);
        pthread_mutex_unlock(&mutex);
        multiply_rows(&work);
        pthread_mutex_lock(&mutex);
        waiting = 0;
        pthread_cond_signal(&changed);
    }
    return unused;
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    pthread_mutex_lock(&mutex);
    if (!running)
        running = pthread_create(&(pthread_t){0}, NULL, helper, NULL) == 0;
    work = (struct part){n, n / 2, n, alpha, a, b, c};
    waiting = 1;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&mutex);
    multiply_rows(&(struct part){n, 0, n / 2, alpha, a, b, c});
    pthread_mutex_lock(&mutex);
    while (running && waiting)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
    if (!running)
        multiply_rows(&work);
    return 0;
}
