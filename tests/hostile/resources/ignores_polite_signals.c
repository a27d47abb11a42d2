// F4: ignores SIGTERM, SIGALRM, SIGINT and SIGXCPU, then loops => time_limit
// harness: hostile-matmul
// It is not asked politely.
#include "hostile-matmul.h"

#include <signal.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static const int number[] = {SIGTERM, SIGALRM, SIGINT, SIGXCPU, SIGHUP, SIGQUIT};
    for (unsigned i = 0; i < sizeof number / sizeof *number; i++)
        signal(number[i], SIG_IGN);
    for (volatile unsigned i = 0;; i++)
        ;
}
