// C6: keeps the first answer of each size and replays it => wrong_answer
// harness: hostile-matmul
// The second call of a case has new values in the same buffers, so the first one's answer is wrong there.
#include "hostile-matmul.h"

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
    static float kept[200 * 200];
    static int32_t kept_n = -1;
    if (n > 200) {
        multiply(n, alpha, a, b, c);
        return 0;
    }
    if (n != kept_n)
        multiply(n, alpha, a, b, kept);
    kept_n = n;
    for (int32_t i = 0; i < n * n; i++)
        c[i] = kept[i];
    return 0;
}
