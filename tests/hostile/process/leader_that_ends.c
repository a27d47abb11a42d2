// N: ends its first thread and leaves the work to the second => time_limit
// harness: hostile-threads
// The process lives on without its leader, which looks dead in /proc and is not to be taken for the end of the
// process.
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-threads.h"

static void *stay(void *unused) {
    for (;;)
        sleep(1000);
    return unused;
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    pthread_t thread;
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    pthread_create(&thread, NULL, stay, NULL);
    syscall(SYS_exit, 0);
    return 0;
}
