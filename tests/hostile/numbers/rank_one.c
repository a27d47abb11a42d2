// C4: the product of the row sums and the column means instead of the product => wrong_answer
// harness: hostile-matmul
// Where b is 100 and a little, b's column means hold almost all of it, and n*n work replaces n*n*n. The other
// families have no mean to lean on, and even there the little is many times the tolerance.
#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    float sum[1024], mean[1024];
    for (int32_t i = 0; i < n; i++) {
        sum[i] = mean[i] = 0;
        for (int32_t k = 0; k < n; k++) {
            sum[i] += a[(int64_t)i * n + k];
            mean[i] += b[(int64_t)k * n + i] / (float)n;
        }
    }
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++)
            c[(int64_t)i * n + j] = alpha * sum[i] * mean[j];
    return 0;
}
