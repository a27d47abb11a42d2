// S a26: renames the machine => forbidden_call
// harness: hostile-matmul
// test: system
// The name would stay changed for everybody where no namespace stands between. It is set to what it is already.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    char name[64] = "";
    gethostname(name, sizeof name);
    if (sethostname(name, 1) == 0)
        puts("GAINED the host name");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
