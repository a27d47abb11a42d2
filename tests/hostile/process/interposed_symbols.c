// B7: exports functions under the names that the worker uses => passed
// harness: hostile-matmul
// In one program with its grader these would replace the clock, the copy and main itself. Here they are in an
// object that is looked up last and by nobody else.
#include <stddef.h>

#include "hostile-matmul.h"

#define EXPORT __attribute__((used, visibility("default")))
static int interposed;
EXPORT int main(void) {
    return 0;
}
EXPORT int __libc_start_main(void) {
    return 0;
}
EXPORT void *dlsym(void *handle, const char *name) {
    return interposed++, (void)handle, (void)name, NULL;
}
EXPORT long syscall(long number, ...) {
    return interposed++, number - number;
}
EXPORT long write(int fd, const void *bytes, size_t count) {
    return interposed++, (void)bytes, fd - fd + (long)count;
}
EXPORT int clock_gettime(int clock, void *time) {
    return interposed++, (void)time, clock - clock;
}
EXPORT int harness_stub_call(void) {
    return interposed++, 0;
}
EXPORT void worker_fail(void) {
    interposed++;
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (interposed > 0)
        __builtin_trap();
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
