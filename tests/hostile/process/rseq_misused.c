// S a26: has the kernel jump into the middle of nowhere => crashed | passed
// harness: hostile-matmul
// rseq names an address to continue at after an interruption. The kernel checks a signature before it and kills if
// it is missing.
#include <stddef.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static _Alignas(32) unsigned area[8];
    static _Alignas(32) unsigned long wild[4] = {0, 0, ~0UL >> 17, 0x1000};
    syscall(SYS_rseq, (char *)__builtin_thread_pointer() + __rseq_offset, 32, 1, 0x53053053);
    if (syscall(SYS_rseq, area, 32, 0, 0x53053053) == 0)
        *(unsigned long *)(area + 2) = (unsigned long)wild;
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
