// E5: exports the names that the worker and the stub use => passed
// harness: hostile-matmul
// The stub is loaded apart and found by its own handle; the candidate's namesake stays inside it.
#include <stdio.h>

int harness_stub_call(unsigned index, void *const *function, void *const *pointer, const double *value);
int harness_stub_call(unsigned index, void *const *function, void *const *pointer, const double *value) {
    (void)index, (void)function, (void)pointer, (void)value;
    printf("GAINED the place of the stub\n");
    return 0;
}
void worker_serve(void *worker) {
    (void)worker;
    printf("GAINED the place of the loop\n");
}
__asm__(".globl seccomp_strict\n.set seccomp_strict,worker_serve");

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
