// E5: weak references to names of the worker => passed
// harness: hostile-matmul
// They stay null: the loader finds nothing of that name.
#include <stdio.h>

#include <stddef.h>

extern int seccomp_strict(void) __attribute__((weak));
extern void worker_serve(void) __attribute__((weak));
extern char worker_command[] __attribute__((weak));

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    if (seccomp_strict || worker_serve || worker_command != NULL)
        printf("GAINED an address in the worker\n");
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
