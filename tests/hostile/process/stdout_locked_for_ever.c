// N: holds the lock of stdout in another thread => time_limit | passed
// harness: hostile-threads
// The worker's flush then waits for ever, which looks like a parked worker and is one that does not wake.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "hostile-threads.h"

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
}

static volatile int locked;

static void *hold(void *unused) {
    flockfile(stdout);
    locked = 1;
    for (;;)
        sleep(1000);
    return unused;
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    pthread_t thread;
    if (!locked && pthread_create(&thread, NULL, hold, NULL) == 0)
        while (!locked)
            usleep(100);
    multiply(n, alpha, a, b, c);
    return 0;
}
