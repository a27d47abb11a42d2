// N: floods the grader's socket from several threads => time_limit
// harness: hostile-threads
// With more writers than readers the socket never runs empty.
#include <pthread.h>
#include <unistd.h>

#include "hostile-threads.h"

static void *flood(void *unused) {
    for (;;)
        (void)!write(7, "D", 1);
    return unused;
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    pthread_t thread;
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    for (int i = 0; i < 3; i++)
        pthread_create(&thread, NULL, flood, NULL);
    flood(NULL);
    return 0;
}
