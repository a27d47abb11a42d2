// N: defines _ITM_registerTMCloneTable, which the start code of every library calls => passed
// harness: hostile-threads
// libm and libgomp are loaded with the candidate, look for this name without defining it, and call it from their own
// start code: before the filter goes on. It worked at every level. Now only entries are exported, and the vet checks
// it.
#include <stdio.h>

#include <math.h>
#include <unistd.h>

static volatile int early;

void _ITM_registerTMCloneTable(void) {
    early = 1;
    printf("GAINED code before the filter, pid %d\n", (int)getpid());
    fflush(stdout);
}

int hostile_threads(int32_t n, float alpha, const float *a, const float *b, float *c) {
    volatile double keep_library = 1;
    keep_library = sin(keep_library);
    if (early)
        printf("GAINED code before the filter\n");
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
