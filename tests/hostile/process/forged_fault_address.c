// N: dies with an invented fault address, in every case => crashed | memory_limit
// harness: hostile-matmul
// Signal, address and instruction on the page are the worst numbers that there are; they lead into divisions and
// look-ups of the report, the case of size 0 included.
#include <signal.h>
#include <stdlib.h>
#include <string.h>
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

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    char **worker = worker_struct();
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    signal(SIGSEGV, SIG_DFL);
    if (worker != NULL) {
        const int32_t what[2] = {SIGSEGV, 1};
        const uint64_t where[2] = {(uint64_t)(uintptr_t)c, ~UINT64_C(0)};
        memcpy(worker[1] + 140, what, sizeof what);
        memcpy(worker[1] + 152, where, sizeof where);
    }
    raise(SIGSEGV);
    return 0;
}
