// B4: starts the worker's program anew from inside => exited | crashed | forbidden_call | time_limit
// harness: hostile-matmul
// The entry point of the worker's program runs again under the filter, with its descriptors gone: it cannot come
// up, and nobody takes it for a new worker.
#include <elf.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    ((void (*)(void))getauxval(AT_ENTRY))();
    return 0;
}
