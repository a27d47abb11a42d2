// N: a handler for SIGXCPU that wants more time => time_limit
// harness: hostile-matmul
// The limit of processor time has a second stage, which is SIGKILL, and the deadline comes long before it.
#include "hostile-matmul.h"

#include <signal.h>

static void more(int number) {
    signal(number, more);
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    signal(SIGXCPU, more);
    for (volatile unsigned i = 0;; i++)
        ;
}
