// F1: a thousand threads where two are allowed => passed
// harness: hostile-threads
// test: system
// The limit of processes holds a few more than two: a bomb ends there, and the rest of the machine does not feel it.
#include "hostile-threads.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

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

static void *sleeps(void *unused) {
    sleep(1000);
    return unused;
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static int started;
    pthread_t thread;
    while (started < 1000 && pthread_create(&thread, NULL, sleeps, NULL) == 0)
        started++;
    if (started > 100)
        printf("GAINED %d threads\n", started);
    multiply(n, alpha, a, b, c);
    return 0;
}
