// B7: exports a symbol that is the same in all objects => passed
// harness: hostile-matmul
// A unique symbol is visible to every object that is loaded later, RTLD_LOCAL or not. The linker makes all names but
// the entries local, and the check of the file refuses what is left.
#include "hostile-matmul.h"

__asm__(".globl harness_stub_call\n.type harness_stub_call, @gnu_unique_object\n"
        ".data\nharness_stub_call: .quad 0\n.size harness_stub_call, 8\n.text");

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
