// H: a waiting thread that is cancelled and joined => passed
// harness: hostile-threads
// As with pthread_exit, and with a signal to a thread of its own.
#include "hostile-threads.h"

#include <pthread.h>
#include <stddef.h>
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

static void *waits(void *unused) {
    for (;;)
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    return unused;
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, waits, NULL) == 0) {
        pthread_cancel(thread);
        pthread_join(thread, NULL);
    }
    multiply(n, alpha, a, b, c);
    return 0;
}
