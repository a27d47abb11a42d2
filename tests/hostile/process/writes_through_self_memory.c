// B6: writes its read-only input through /proc/self/mem => passed
// harness: hostile-matmul
// The file ignores the protection of pages. Levels with a filter do not open it; without one the input is still a
// sealed file, opened for reading.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    int fd = open("/proc/self/mem", O_RDWR);
    const float zero = 0;
    if (n > 0 && fd >= 0 && pwrite(fd, &zero, sizeof zero, (off_t)(uintptr_t)a) > 0)
        puts("GAINED the input");
    if (fd >= 0)
        close(fd);
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
