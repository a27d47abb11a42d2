// S v25: changes the limits of itself and of others => passed
// harness: hostile-matmul
// test: system
// A lower limit on the victim would end it at its next file.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    struct rlimit none = {0, 0}, much = {RLIM_INFINITY, RLIM_INFINITY};
    if (syscall(SYS_prlimit64, atoi("@VICTIM@"), RLIMIT_NOFILE, &none, NULL) == 0 ||
        syscall(SYS_prlimit64, 0, RLIMIT_CORE, &much, NULL) == 0)
        puts("GAINED other limits");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
