// N: sends datagrams of no bytes and of many => passed
// harness: hostile-matmul
// One byte is what the grader reads of each; the rest is cut off and an empty one is no message.
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static char much[100000];
    (void)!write(7, much, 0);
    (void)!write(7, much, sizeof much);
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
