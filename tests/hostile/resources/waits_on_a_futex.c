// S a16: waits on a futex that nobody wakes => time_limit
// harness: hostile-matmul
// Threads need the call, so it is allowed; the deadline ends it.
#include "hostile-matmul.h"

#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static uint32_t word;
    for (;;)
        syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
}
