// T: a child in a session of its own outlives it => passed
// harness: hostile-matmul
// reports: a process was left behind
// Without a filter and without namespaces nothing ties the child to its parent's group.
#include "hostile-matmul.h"

#include <unistd.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (fork() == 0) {
        setsid();
        sleep(30);
        _exit(0);
    }
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[(int64_t)i * n + k] * b[(int64_t)k * n + j];
            c[(int64_t)i * n + j] = alpha * sum;
        }
    return 0;
}
