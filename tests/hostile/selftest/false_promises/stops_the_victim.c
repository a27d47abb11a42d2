// T: stops a process of the same user and lets it go on => passed
// harness: hostile-matmul
// reports: the victim was stopped
#include "hostile-matmul.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    kill(atoi("@VICTIM@"), SIGSTOP);
    usleep(1000);
    kill(atoi("@VICTIM@"), SIGCONT);
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[(int64_t)i * n + k] * b[(int64_t)k * n + j];
            c[(int64_t)i * n + j] = alpha * sum;
        }
    return 0;
}
