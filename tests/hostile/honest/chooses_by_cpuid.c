// H: two versions of the loops, chosen by cpuid in the first call => passed
// harness: hostile-matmul
// What an ifunc does before the filter is on, this does in the open.
#include "hostile-matmul.h"

#include <cpuid.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        float *row = c + (int64_t)i * n;
        for (int32_t j = 0; j < n; j++)
            row[j] = 0;
        for (int32_t k = 0; k < n; k++) {
            const float factor = alpha * a[(int64_t)i * n + k], *from = b + (int64_t)k * n;
            for (int32_t j = 0; j < n; j++)
                row[j] += factor * from[j];
        }
    }
}

__attribute__((target("avx2,fma"))) static void wide(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static void (*chosen)(int32_t, float, const float *, const float *, float *);
    unsigned eax, ebx, ecx, edx;
    if (chosen == 0)
        chosen = __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ebx & bit_AVX2) ? wide : multiply;
    chosen(n, alpha, a, b, c);
    return 0;
}
