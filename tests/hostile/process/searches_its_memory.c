// B10: searches its address space for the answer => passed
// harness: hostile-matmul
// On the first call of a case it computes the answer, then looks for the same numbers elsewhere: around the
// arguments, the libraries, the heap and the stack. They exist in the grader only.
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

static int readable(const void *at) {
    return syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, at, NULL, 8) == 0;
}

static int near(double x, double y) {
    return x - y < 1e-4 * (y < 0 ? -y : y) && y - x < 1e-4 * (y < 0 ? -y : y);
}

/* The same four numbers in a row, as floats or as doubles, anywhere but in `own`. */
static void look(const char *from, const char *to, const float *want, const char *own, const char *own_end) {
    for (const char *page = from; page < to; page += 4096) {
        if (!readable(page) || (page + 4096 > own && page < own_end))
            continue;
        for (const char *at = page; at < page + 4096 - 32; at += 4) {
            const float *f = (const float *)at;
            const double *d = (const double *)at;
            if (near(f[0], want[0]) && near(f[1], want[1]) && near(f[2], want[2]) && near(f[3], want[3]))
                printf("GAINED the answer as floats at %p\n", (const void *)at);
            if (near(d[0], want[0]) && near(d[1], want[1]) && near(d[2], want[2]) && near(d[3], want[3]))
                printf("GAINED the answer as doubles at %p\n", (const void *)at);
        }
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static int32_t last;
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    if (n < 7 || n == last)
        return 0;
    last = n;
    const char *own = (const char *)c, *own_end = own + (size_t)n * (size_t)n * sizeof *c;
    const char *stack = __builtin_frame_address(0), *heap = sbrk(0), *arguments = own, *library = (const char *)printf;
    const intptr_t page = -4096, near_by = 2 << 20;
    look((const char *)((intptr_t)stack & page), stack + 1048576, c, own, own_end);
    look((const char *)((intptr_t)heap & page) - near_by, heap, c, own, own_end);
    look((const char *)((intptr_t)arguments & page) - near_by, arguments + near_by, c, own, own_end);
    look((const char *)((intptr_t)library & page) - near_by, library + near_by, c, own, own_end);
    return 0;
}
