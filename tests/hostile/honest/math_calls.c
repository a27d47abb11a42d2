// H: functions of libm that may not round the same everywhere => passed
// harness: hostile-matmul
// exp, log and pow, scalar and possibly in vectors.
#include "hostile-matmul.h"

#include <math.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            double sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += (double)a[i * n + k] * (double)b[k * n + j];
            c[i * n + j] = (float)((double)alpha * copysign(exp(log(fabs(sum) + 1e-300)), sum));
        }
    return 0;
}
