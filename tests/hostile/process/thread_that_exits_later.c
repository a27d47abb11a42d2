// B1: has a second thread end the process after the call has returned => exited
// harness: hostile-threads
// The first outputs are right and taken; the worker is dead when the next call comes.
#include <pthread.h>
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

static void *wait_and_end(void *unused) {
    usleep(300);
    _exit(0);
    return unused;
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    pthread_t thread;
    pthread_create(&thread, NULL, wait_and_end, NULL);
    multiply(n, alpha, a, b, c);
    return 0;
}
