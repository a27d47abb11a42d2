// A11: leaves wide registers, the x87 stack, the direction flag and a blocked mask behind => passed
// harness: hostile-matmul
// test: timing
// All of it belongs to its own process; the baseline lives in another one.
#include "hostile-matmul.h"

#include <signal.h>
#include <stddef.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    __asm__ volatile("fld1\n fldpi\n fldl2e\n fldz\n" ::: "st", "st(1)", "st(2)", "st(3)");
#ifdef __AVX512F__
    __asm__ volatile("vpternlogd $255, %%zmm16, %%zmm16, %%zmm16\n vpternlogd $255, %%zmm0, %%zmm0, %%zmm0" ::: "xmm0");
#endif
    return 0;
}
