// A11: a helper thread wakes up between the calls and writes through 32 MB, to slow the baseline => tampered
// harness: hostile-threads
// test: timing
// It is parked by name only: its CPU time grows while it has to sleep.
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

static char lines[32 << 20];

static void *hogs(void *arg) {
    for (;;) {
        for (size_t i = 0; i < sizeof lines; i += 64)
            lines[i]++;
        nanosleep(&(struct timespec){.tv_nsec = 300000}, NULL);
    }
    return arg;
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static int started;
    pthread_t thread;
    if (n == 256 && !started && pthread_create(&thread, NULL, hogs, NULL) == 0)
        started = 1, pthread_detach(thread);
    multiply(n, alpha, a, b, c);
    return 0;
}
