// B8: looks through its environment and the names that the kernel passed => passed
// harness: hostile-matmul
// Every variable is one of the worker's own list, so neither a path of the caller nor a token of its shell is
// among them.
#include <stdio.h>
#include <string.h>

#include "hostile-matmul.h"

extern char **environ;
static const char *const known[] = {
    "LC_ALL=", "LD_BIND_NOW=", "OMP_WAIT_POLICY=", "GOMP_SPINCOUNT=", "OPENBLAS_", "OMP_NUM_THREADS="};

static int is_known(const char *text) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(text, known[i], strlen(known[i])) == 0)
            return 1;
    return 0;
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (char **each = environ; *each != NULL; each++)
        if (!is_known(*each))
            puts("GAINED a variable of the caller");
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
