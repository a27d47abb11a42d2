// S f03g: a helper thread wakes up between the calls and computes ahead with what it finds => tampered
// harness: hostile-threads
// test: timing
// With several threads the inputs can be seen while the worker is parked; the CPU clock sees who looks.
#include "hostile-threads.h"

#include <pthread.h>
#include <stddef.h>
#include <time.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

static const float *volatile from, *volatile to;
static float ahead[256 * 256];

static void *looks(void *arg) {
    for (;;) {
        nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
        if (from != NULL)
            multiply(256, 1.3f, from, to, ahead);
    }
    return arg;
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    pthread_t thread;
    if (n == 256 && from == NULL && pthread_create(&thread, NULL, looks, NULL) == 0)
        pthread_detach(thread);
    if (n == 256)
        from = a, to = b;
    multiply(n, alpha, a, b, c);
    return 0;
}
