// B3: has a destructor => rejected_binary
// harness: hostile-matmul
// Code that runs without being called is refused before the file is loaded.
#include <stdio.h>

#include "hostile-matmul.h"

__attribute__((destructor)) static void at_the_end(void) {
    puts("GAINED the last word");
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
