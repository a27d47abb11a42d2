// A3: protects the output and would compute when somebody looks at it => unwritten_output
// harness: hostile-matmul
// The grader looks at its own mapping of the memory; no fault reaches the candidate.
#include "hostile-matmul.h"

#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

static struct job {
    int32_t n;
    float alpha;
    const float *a, *b;
    float *c;
} job;

static void somebody_looks(int number) {
    const uintptr_t page = (uintptr_t)job.c & ~(uintptr_t)4095;
    (void)number;
    mprotect((void *)page, (uintptr_t)(job.c + job.n * job.n) - page, PROT_READ | PROT_WRITE);
    multiply(job.n, job.alpha, job.a, job.b, job.c);
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    const uintptr_t page = (uintptr_t)c & ~(uintptr_t)4095;
    job = (struct job){n, alpha, a, b, c};
    signal(SIGSEGV, somebody_looks);
    mprotect((void *)page, (uintptr_t)(c + n * n) - page, PROT_NONE);
    return 0;
}
