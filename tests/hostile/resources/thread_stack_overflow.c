// F7: endless recursion in a thread of its own => crashed
// harness: hostile-threads
// The stack of a thread has a guard page too, but no second stack for the message: SIGSEGV kills at once.
#include "hostile-threads.h"

#include <pthread.h>
#include <string.h>

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

static int deeper(int level) {
    volatile char frame[4096];
    memset((char *)frame, level, sizeof frame);
    return deeper(level + 1) + frame[level & 4095];
}

static void *start(void *unused) {
    static volatile int result;
    result = deeper(0);
    return unused;
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, start, NULL) == 0)
        pthread_join(thread, NULL);
    multiply(n, alpha, a, b, c);
    return 0;
}
