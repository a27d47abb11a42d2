// F3: takes private memory until there is none => memory_limit
// harness: hostile-matmul
// RLIMIT_DATA ends it; what follows is the write through a null pointer that such code usually ends in.
#include "hostile-matmul.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (size_t mib = 1;; mib++) {
        memset(malloc(1 << 20), 1, 1 << 20);
        if (mib > 192)
            printf("GAINED %zu MiB\n", mib);
    }
}
