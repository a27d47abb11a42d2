// F4: leaves by exit and burns time in a handler of it => time_limit
// harness: hostile-matmul
// The deadline of the call holds until the process is gone.
#include "hostile-matmul.h"

#include <stdlib.h>

static void burn(int status, void *unused) {
    (void)status, (void)unused;
    for (volatile unsigned i = 0;; i++)
        ;
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    on_exit(burn, 0);
    exit(0);
}
