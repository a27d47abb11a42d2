/* SPDX-License-Identifier: MIT */
/* Kernels that show how fast one core can be: float32 fused multiply-adds in registers, a copy, and OpenBLAS's sgemm.
 * They run in a worker like any reference; this file is a shared object of its own with the call stub in it. */
#include <cblas.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int harness_stub_call(unsigned function_index, void *const *function, void *const *pointer, const double *value);
int roof_fma(int64_t n, const float *x, float *y);
int roof_copy(int64_t n, const float *x, float *y);
int roof_sgemm(int64_t n, const float *x, float *y);

enum { LANES = 16, CHAINS = 12 };
typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

/* Enough independent chains to hide the latency; n rounds of CHAINS*LANES multiply-adds. A generic build would measure
 * SSE2, so the widest form that the processor has is chosen at load time. */
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), optimize("O3", "fp-contract=fast"))) int
roof_fma(int64_t n, const float *x, float *y) {
    lanes chain[CHAINS], factor, term;
    for (int l = 0; l < LANES; l++) {
        factor[l] = x[0] * 1e-30f + 0.999f;
        term[l] = x[1] * 1e-30f + 1e-3f;
        for (int c = 0; c < CHAINS; c++)
            chain[c][l] = (float)(c + l);
    }
    for (int64_t i = 0; i < n; i++)
        for (int c = 0; c < CHAINS; c++)
            chain[c] = chain[c] * factor + term;
    float sum = 0;
    for (int c = 0; c < CHAINS; c++)
        for (int l = 0; l < LANES; l++)
            sum += chain[c][l];
    y[0] = sum;
    return 0;
}

int roof_copy(int64_t n, const float *x, float *y) {
    memcpy(y, x, (size_t)n * sizeof *y);
    return 0;
}

int roof_sgemm(int64_t n, const float *x, float *y) {
    int m = (int)n;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, m, m, 1.0f, x, m, x, m, 0.0f, y, m);
    return 0;
}

int harness_stub_call(unsigned function_index, void *const *function, void *const *pointer, const double *value) {
    int (*call)(int64_t, const float *, float *) = (int (*)(int64_t, const float *, float *))function[function_index];
    return call((int64_t)value[0], pointer[1], pointer[2]);
}
