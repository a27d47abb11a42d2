// S a23: loads another library => passed
// harness: hostile-matmul
// test: system
// dlopen has nothing to open: neither the fast library nor any other program.
#include <dlfcn.h>
#include <stdio.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static const char *const names[] = {"libopenblas.so.0", "libcrypto.so.3", "libpthread.so.0",
                                        "/lib/x86_64-linux-gnu/libdl.so.2"};
    for (int i = 0; i < 4; i++)
        if (dlopen(names[i], RTLD_NOW) != NULL)
            printf("GAINED %s\n", names[i]);
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
