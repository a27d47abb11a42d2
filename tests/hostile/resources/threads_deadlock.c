// F4: two threads that wait for each other => time_limit
// harness: hostile-threads
// The same with two mutexes, taken in opposite orders.
#include "hostile-threads.h"

#include <pthread.h>
#include <stdatomic.h>

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

static pthread_mutex_t left = PTHREAD_MUTEX_INITIALIZER, right = PTHREAD_MUTEX_INITIALIZER;
static atomic_int holds_right;

static void *other(void *unused) {
    pthread_mutex_lock(&right);
    atomic_store(&holds_right, 1);
    pthread_mutex_lock(&left);
    return unused;
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    pthread_t thread;
    pthread_mutex_lock(&left);
    if (pthread_create(&thread, NULL, other, NULL) == 0) {
        while (!atomic_load(&holds_right))
            ;
        pthread_mutex_lock(&right);
        pthread_join(thread, NULL);
    }
    multiply(n, alpha, a, b, c);
    return 0;
}
