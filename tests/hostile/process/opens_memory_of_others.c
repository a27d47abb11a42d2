// B5: opens the memory and the folders of other processes in /proc => passed
// harness: hostile-matmul
// test: system
// The filter answers every open with EACCES; below it are Landlock, a root without /proc, and a grader that is not
// dumpable.
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
    try_file("/proc/@GRADER@/mem");
    try_file("/proc/@GRADER@/maps");
    try_file("/proc/@GRADER@/cwd/.");
    try_file("/proc/@VICTIM@/mem");
    try_file("/proc/@VICTIM@/maps");
    try_file("/proc/@VICTIM@/root/etc/passwd");
    try_file("/proc/1/maps");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
