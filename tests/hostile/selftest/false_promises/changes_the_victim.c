// T: writes into the memory of a process of the same user => passed
// harness: hostile-matmul
// reports: the victim has other memory than before
// It looks for the pattern's page in the list of mappings: the first that is shared and may be written.
#include "hostile-matmul.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

ssize_t process_vm_writev(pid_t, const struct iovec *, unsigned long, const struct iovec *, unsigned long,
                          unsigned long);

static void spoil(int pid) {
    char path[64], line[512], word[] = "spoilt";
    snprintf(path, sizeof path, "/proc/%d/maps", pid);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strstr(line, " rw-s ") != NULL) {
            struct iovec mine = {word, sizeof word}, theirs = {(void *)strtoul(line, NULL, 16), sizeof word};
            process_vm_writev(pid, &mine, 1, &theirs, 1, 0);
        }
    if (file != NULL)
        fclose(file);
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    spoil(atoi("@VICTIM@"));
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[(int64_t)i * n + k] * b[(int64_t)k * n + j];
            c[(int64_t)i * n + j] = alpha * sum;
        }
    return 0;
}
