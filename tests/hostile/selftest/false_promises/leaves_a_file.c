// T: leaves a file beside the folder in which it was compiled => passed
// harness: hostile-matmul
// reports: the folder for temporary files still holds left_behind
// The list of its own mappings tells where it was loaded from.
#include "hostile-matmul.h"

#include <stdio.h>
#include <string.h>

static void leave(void) {
    char line[512], *path = NULL;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps != NULL && path == NULL && fgets(line, sizeof line, maps) != NULL)
        path = strstr(line, "/harness-") != NULL ? strchr(line, '/') : NULL;
    if (maps != NULL)
        fclose(maps);
    if (path == NULL)
        return;
    strcpy(strstr(path, "/harness-"), "/left_behind");
    FILE *file = fopen(path, "w");
    if (file != NULL)
        fclose(file);
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    leave();
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[(int64_t)i * n + k] * b[(int64_t)k * n + j];
            c[(int64_t)i * n + j] = alpha * sum;
        }
    return 0;
}
