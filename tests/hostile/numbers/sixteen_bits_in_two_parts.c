// C4: two bfloat16 parts for each factor, three products of the four => wrong_answer
// harness: hostile-matmul
// The sixteen bits of mantissa that are left give answers that look right to five digits. The root mean square
// of the errors tells them from float32.
#include "hostile-matmul.h"

#include <stdlib.h>
#include <string.h>

static float to_eight_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = (bits + 0x8000u) & ~0xffffu;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        float *row = c + (int64_t)i * n;
        for (int32_t j = 0; j < n; j++)
            row[j] = 0;
        for (int32_t k = 0; k < n; k++) {
            const float factor = alpha * a[(int64_t)i * n + k], *from = b + (int64_t)k * n;
            for (int32_t j = 0; j < n; j++)
                row[j] += factor * from[j];
        }
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    float *part = malloc((5 * (size_t)n * (size_t)n + 1) * sizeof *part);
    const size_t count = (size_t)n * (size_t)n;
    for (size_t i = 0; i < count; i++) {
        part[i] = to_eight_bits(a[i]);
        part[count + i] = to_eight_bits(a[i] - part[i]);
        part[2 * count + i] = to_eight_bits(b[i]);
        part[3 * count + i] = to_eight_bits(b[i] - part[2 * count + i]);
    }
    multiply(n, alpha, part, part + 2 * count, c);
    for (int other = 0; other < 2; other++) {
        multiply(n, alpha, part + count * (other == 0), part + count * (other == 0 ? 2 : 3), part + 4 * count);
        for (size_t i = 0; i < count; i++)
            c[i] += part[4 * count + i];
    }
    free(part);
    return 0;
}
