// E5: exports malloc, memcpy, write, sinf, getenv and dlsym => passed
// harness: hostile-matmul
// Would be taken by the worker or by libraries instead of theirs. The worker is searched first, and nothing but the
// entry is exported.

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

static int calls;

void *malloc(size_t size) {
    calls++;
    (void)size;
    return NULL;
}
char *getenv(const char *name) {
    calls++;
    (void)name;
    return NULL;
}
ssize_t write(int fd, const void *bytes, size_t size) {
    calls++;
    (void)fd, (void)bytes;
    return (ssize_t)size;
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (calls > 0)
        __builtin_trap();
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
