// F2: a hundred thousand small files => passed
// harness: hostile-matmul
// test: system
// Not one of them can be made.
#include "hostile-matmul.h"

#include <fcntl.h>
#include <stdio.h>
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
    char path[200];
    int made = 0;
    for (int i = 0; i < 100000; i++) {
        snprintf(path, sizeof path, "@CANARY@/yard/%d", i);
        int fd = open(path, O_CREAT | O_WRONLY, 0600);
        if (fd < 0)
            break;
        close(fd);
        made++;
    }
    if (made > 0)
        printf("GAINED %d files\n", made);
    multiply(n, alpha, a, b, c);
    return 0;
}
