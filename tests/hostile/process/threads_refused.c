// S a22: starts a second thread where one is allowed => passed
// harness: hostile-matmul
// test: system
// pthread_create fails as if there were too many; code that copes with that computes alone.
#include <pthread.h>
#include <stdio.h>

#include "hostile-matmul.h"

static void *work(void *unused) {
    puts("GAINED a thread");
    return unused;
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, NULL) == 0)
        pthread_join(thread, NULL);
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
