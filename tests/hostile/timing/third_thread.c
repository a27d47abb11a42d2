// A16: three threads where two are allowed => passed | tampered | unstable
// harness: hostile-threads
// test: timing
// On two cores there is nothing to gain, and three threads on them disturb each other. On more, the CPU time exceeds
// what two threads can use.
#include "hostile-threads.h"

#include <pthread.h>
#include <stddef.h>

static void multiply_rows(int32_t n, float alpha, const float *a, const float *b, float *c, int32_t from, int32_t to) {
    for (int32_t i = from; i < to; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

static struct job {
    int32_t n, from, to;
    float alpha;
    const float *a, *b;
    float *c;
} job[3];

static void *rows(void *arg) {
    const struct job *j = arg;
    multiply_rows(j->n, j->alpha, j->a, j->b, j->c, j->from, j->to);
    return NULL;
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    pthread_t thread[2];
    for (int i = 0; i < 3; i++)
        job[i] = (struct job){n, n * i / 3, n * (i + 1) / 3, alpha, a, b, c};
    for (int i = 0; i < 2; i++)
        if (pthread_create(&thread[i], NULL, rows, &job[i]) != 0)
            return 1;
    rows(&job[2]);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    return 0;
}
