// H: environment, cores, page size, a file with settings that is not there => passed
// harness: hostile-matmul
// All of it is answered, with no or with little.
#include "hostile-matmul.h"

#include <locale.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
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
    const char *setting = getenv("BLOCK");
    FILE *file = fopen("/etc/my-block-size", "r");
    int block = setting != NULL ? atoi(setting) : 64;
    if (file != NULL)
        fclose(file);
    setlocale(LC_ALL, "");
    if (sysconf(_SC_NPROCESSORS_ONLN) < 1 || sysconf(_SC_PAGESIZE) < 4096 || block < 1 || isatty(1))
        return 1;
    multiply(n, alpha, a, b, c);
    return 0;
}
