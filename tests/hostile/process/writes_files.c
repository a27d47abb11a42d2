// S a10: writes and makes files => passed
// harness: hostile-matmul
// test: system
// The folder of the canary and its file are open to everybody by their modes.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (open("@CANARY@/touch", O_WRONLY | O_APPEND) >= 0)
        puts("GAINED a file to write");
    if (open("@CANARY@/yard/mail", O_WRONLY | O_CREAT, 0666) >= 0)
        puts("GAINED a new file");
    if (open("/tmp/harness-mail", O_WRONLY | O_CREAT, 0666) >= 0)
        puts("GAINED a new file in /tmp");
    if (open("/dev/shm/harness-mail", O_RDWR | O_CREAT, 0666) >= 0)
        puts("GAINED shared memory");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
