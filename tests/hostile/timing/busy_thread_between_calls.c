// S a33: leaves a thread behind that never sleeps => tampered
// harness: hostile-threads
// test: timing
// All threads must be parked before the next GO.
#include "hostile-threads.h"

#include <pthread.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

static void *burns(void *arg) {
    for (volatile unsigned *count = arg;;)
        ++*count;
    return NULL;
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static unsigned count;
    pthread_t thread;
    if (n == 256 && count == 0 && pthread_create(&thread, NULL, burns, &count) == 0)
        pthread_detach(thread);
    multiply(n, alpha, a, b, c);
    return 0;
}
