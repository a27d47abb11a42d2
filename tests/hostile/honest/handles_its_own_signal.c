// H: divides by zero, catches SIGFPE on a stack of its own and goes on => passed
// harness: hostile-matmul
// The handlers of the worker are replaced and put back.
#include "hostile-matmul.h"

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

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

static sigjmp_buf back;

static void on_error(int number) {
    siglongjmp(back, number);
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static char stack[65536];
    stack_t own = {.ss_sp = stack, .ss_size = sizeof stack}, before;
    struct sigaction action = {.sa_handler = on_error, .sa_flags = SA_ONSTACK}, old;
    sigaltstack(&own, &before);
    sigaction(SIGFPE, &action, &old);
    volatile int zero = 0;
    if (sigsetjmp(back, 1) == 0)
        zero = n / zero;
    sigaction(SIGFPE, &old, NULL);
    sigaltstack(&before, NULL);
    multiply(n, alpha, a, b, c);
    return 0;
}
