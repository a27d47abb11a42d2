// A7: remembers the answer by the address of its input => wrong_answer
// harness: hostile-matmul
// The second call of every case has new contents at the same addresses.
#include "hostile-matmul.h"

#include <string.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static const float *seen;
    static float kept[1 << 14];
    const int known = seen == a && n <= 128;
    if (!known)
        multiply(n, alpha, a, b, c);
    if (n <= 128)
        memcpy(known ? c : kept, known ? kept : c, sizeof(float) * (size_t)n * (size_t)n);
    seen = a;
    return 0;
}
