// N: fills the response page with ones and ends itself => crashed | exited | memory_limit | forbidden_call
// harness: hostile-matmul
// Every number in there is as large as it gets, every text without an end. The grader may use none as an index or
// a length. The class of the death may be chosen this way, among the candidate's own faults.
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
    if (worker != NULL)
        memset(worker[1], 0xff, 1024);
    abort();
}
