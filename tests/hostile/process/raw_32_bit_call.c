// S a26: calls the kernel by int 0x80 => forbidden_call
// harness: hostile-matmul
// test: system
// 32-bit numbers mean other calls: 11 is execve, 20 is getpid. The kernel ends the process.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    long pid;
    __asm__ volatile("int $0x80" : "=a"(pid) : "a"(20L) : "r8", "r9", "r10", "r11", "memory");
    if (pid > 0)
        puts("GAINED a 32-bit call");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
