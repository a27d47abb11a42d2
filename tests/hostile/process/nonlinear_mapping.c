// S a26: remaps pages inside a mapping => forbidden_call
// harness: hostile-matmul
// test: system
// remap_file_pages is emulated by mmap today, and is not seen by a rule about mmap.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (syscall(SYS_remap_file_pages, c, 4096, 0, 0, 0) == 0)
        puts("GAINED a remapped page");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
