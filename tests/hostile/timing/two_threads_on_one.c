// A16: uses two threads and two cores where one is allowed => passed
// harness: hostile-matmul
// test: timing
// at D: => tampered | passed
// The filter has no clone for one thread. Without a filter the CPU time is twice the wall time; on a machine with
// one core there is nothing to gain.
#include "hostile-matmul.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct job {
    int32_t n;
    float alpha;
    const float *a, *b;
    float *c;
} job;

static void rows(const struct job *j, int32_t from, int32_t to) {
    for (int32_t i = from; i < to; i++) {
        for (int32_t col = 0; col < j->n; col++)
            j->c[i * j->n + col] = 0;
        for (int32_t k = 0; k < j->n; k++)
            for (int32_t col = 0; col < j->n; col++)
                j->c[i * j->n + col] += j->alpha * j->a[i * j->n + k] * j->b[k * j->n + col];
    }
}

static void *first_half(void *arg) {
    struct job *j = arg;
    rows(j, 0, j->n / 2);
    return NULL;
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    pthread_t thread;
    unsigned long all = ~0ul;
    syscall(SYS_sched_setaffinity, 0, sizeof all, &all);
    job = (struct job){n, alpha, a, b, c};
    const int alone = pthread_create(&thread, NULL, first_half, &job) != 0;
    rows(&job, alone ? 0 : n / 2, n);
    if (!alone)
        pthread_join(thread, NULL);
    return 0;
}
