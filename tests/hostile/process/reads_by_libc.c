// S a10: reads files through streams, folders and links of the C library => passed
// harness: hostile-matmul
// test: system
// The same refusals seen from higher up: a library that asks in vain goes on, since it is told no and not killed.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    char link[64];
    FILE *file = fopen("@CANARY@/secret", "r");
    if (file != NULL && fgetc(file) != EOF)
        puts("GAINED a stream");
    if (opendir("@CANARY@") != NULL)
        puts("GAINED a folder");
    if (readlink("/proc/self/exe", link, sizeof link) > 0)
        puts("GAINED a link");
    if (access("@CANARY@/secret", F_OK) == 0)
        puts("GAINED the knowledge of a file");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
