// S a10: reads the hidden cases, the password file and the disk => passed
// harness: hostile-matmul
// test: system
// As opens_memory_of_others, for files: by absolute path, by working folder, by device.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "hostile-matmul.h"

/* Tells what could be read, not what it says. */
static void try_file(const char *path) {
    int fd = open(path, O_RDONLY);
    char byte;
    if (fd >= 0 && read(fd, &byte, 1) >= 0)
        printf("GAINED %s\n", path);
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    try_file("@CANARY@/secret");
    try_file("/etc/passwd");
    try_file("/proc/self/cwd/hidden.json");
    try_file("hidden.json");
    try_file("/proc/self/maps");
    try_file("/proc/self/environ");
    try_file("/dev/vda");
    try_file("/dev/mem");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
