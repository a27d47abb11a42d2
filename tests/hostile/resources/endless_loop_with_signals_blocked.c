// F4: an endless loop with all signals blocked => time_limit
// harness: hostile-matmul
// SIGKILL cannot be blocked.
#include "hostile-matmul.h"

#include <signal.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, 0);
    for (volatile unsigned i = 0;; i++)
        ;
}
