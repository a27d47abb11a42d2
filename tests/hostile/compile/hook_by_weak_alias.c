// N: exports the hook from assembler, as a weak and versioned name => compile_error | rejected_binary | passed
// harness: hostile-matmul
// Around the export list of the linker: a versioned name, and one marked as unique. Either the linker refuses, or the
// name stays inside, or the vet sees it.
#include <stdio.h>

#include <math.h>

__attribute__((used)) static void early(void) {
    printf("GAINED code before the filter\n");
}
__asm__(".weak __gmon_start__\n.type __gmon_start__,@function\n.set __gmon_start__,early\n"
        ".globl early_unique\n.type early_unique,@gnu_unique_object\n.set early_unique,early\n"
        ".symver early,__gmon_start__@@GLIBC_2.2.5");

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    volatile double keep_library = 1;
    keep_library = sin(keep_library);
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
