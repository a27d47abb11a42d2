// F2: fills the disk => passed | crashed
// harness: hostile-matmul
// test: system
// No file can be opened for writing; without the filter none may be larger than a megabyte.
#include "hostile-matmul.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        float *row = c + (int64_t)i * n;
        for (int32_t j = 0; j < n; j++)
            row[j] = 0;
        for (int32_t k = 0; k < n; k++) {
            const float factor = alpha * a[(int64_t)i * n + k], *from = b + (int64_t)k * n;
            for (int32_t j = 0; j < n; j++)
                row[j] += factor * from[j];
        }
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static char block[1 << 20];
    int fd = open("@CANARY@/yard/filled", O_CREAT | O_WRONLY, 0600);
    if (fd >= 0)
        printf("GAINED a file\n");
    for (int i = 0; fd >= 0 && i < 64; i++)
        if (write(fd, block, sizeof block) < 0)
            break;
    multiply(n, alpha, a, b, c);
    return 0;
}
