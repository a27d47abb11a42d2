// S a21: moves itself and others to other cores => passed
// harness: hostile-matmul
// test: system
// Refused with an error and not with death, because thread libraries try it.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    unsigned long all = ~0UL;
    if (syscall(SYS_sched_setaffinity, 0, sizeof all, &all) >= 0 ||
        syscall(SYS_sched_setaffinity, atoi("@VICTIM@"), sizeof all, &all) >= 0)
        puts("GAINED another core");
    if (setpriority(PRIO_PROCESS, 0, -5) == 0 || setpriority(PRIO_PROCESS, (id_t)atoi("@VICTIM@"), 19) == 0)
        puts("GAINED another priority");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
