// S a16: sleeps for ever => time_limit
// harness: hostile-matmul
// The deadline is one of wall time, which passes in sleep too.
#include "hostile-matmul.h"

#include <time.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (;;)
        nanosleep(&(struct timespec){.tv_sec = 1000}, NULL);
}
