// N: waits for a lock that another process is said to own => passed
// harness: hostile-matmul
// test: system
// A futex with priority inheritance names its owner by number and ties the kernel's books of both processes
// together, whoever the owner is. Those operations are answered as by a kernel that does not have them.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static const int operations[] = {6, 7, 8, 11, 12, 13, 6 | 128};
    struct timespec past = {1, 0};
    for (int i = 0; i < 7; i++) {
        unsigned word = (unsigned)atoi("@VICTIM@");
        if (syscall(SYS_futex, &word, operations[i], 0, &past, NULL, 0) == 0 || errno != ENOSYS || word >> 30)
            printf("GAINED operation %d\n", operations[i]);
    }
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
