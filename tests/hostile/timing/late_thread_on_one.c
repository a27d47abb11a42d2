// A2: returns at once and lets a thread do the work, where one thread is allowed => passed
// harness: hostile-matmul
// test: timing
// at D: => unwritten_output | tampered | wrong_answer | crashed
// The filter has no clone for one thread; pthread_create fails, and the work is done honestly. Without a filter the
// snapshot comes before the thread.
#include "hostile-matmul.h"

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

static struct job {
    int32_t n;
    float alpha;
    const float *a, *b;
    float *c;
} job;

static void *work(void *arg) {
    struct job *j = arg;
    multiply(j->n, j->alpha, j->a, j->b, j->c);
    return NULL;
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    pthread_t thread;
    job = (struct job){n, alpha, a, b, c};
    if (pthread_create(&thread, NULL, work, &job) != 0)
        work(&job);
    return 0;
}
