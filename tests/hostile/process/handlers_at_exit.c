// B3: registers a function for the end of the process => passed
// harness: hostile-matmul
// They would run when the worker is told to end, with all results in. It ends by _exit, and whatever is written
// after the last call is not read.
#include <stdio.h>
#include <stdlib.h>

#include "hostile-matmul.h"

static float *last;
int on_exit(void (*function)(int, void *), void *argument);

static void at_the_end(int code, void *argument) {
    (void)code, (void)argument;
    puts("GAINED the last word");
    fflush(stdout);
    if (last != NULL)
        last[0] = 0;
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static int registered;
    if (!registered++)
        on_exit(at_the_end, NULL);
    last = c;
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
