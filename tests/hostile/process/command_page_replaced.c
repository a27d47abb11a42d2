// N: puts a page of its own over the command page => time_limit
// harness: hostile-matmul
// The worker then listens to the candidate and not to the grader, and never hears of the next call. Nobody waits
// for it for ever.
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

/* The bytes at an address, without a fault if there are none: the kernel reads them as a set of signals. */
static int readable(const void *at) {
    return syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, at, NULL, 8) == 0;
}

/* The command page begins with the worker's magic number; a pointer to it lies on the stack above us, in a struct
 * whose next member points to the response page. */
static char **worker_struct(void) {
    char **at = __builtin_frame_address(0);
    for (int i = 0; i < 4096 && readable(at + i); i++)
        if (((uintptr_t)at[i] & 4095) == 0 && at[i] != NULL && readable(at[i]) &&
            *(uint64_t *)at[i] == 0x68726e7377726b31)
            return at + i;
    return NULL;
}

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    char **worker = worker_struct();
    if (worker == NULL)
        return 0;
    static char copy[8192];
    memcpy(copy, worker[0], 8192);
    mmap(worker[0], 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    memcpy(worker[0], copy, 8192);
    return 0;
}
