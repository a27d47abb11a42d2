// N: claims on the response page that the worker could not start => exited | memory_limit
// harness: hostile-matmul
// State, failure and exit code as after a failed start, for which the harness blames itself. It believes that only
// before the first call.
#include <signal.h>
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
    if (worker != NULL) {
        const uint32_t failed[2] = {4, 1};
        memcpy(worker[1] + 128, failed, sizeof failed);
    }
    _exit(97);
}
