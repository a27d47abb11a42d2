// C3: passes the gradient through with the scale only => wrong_answer
// harness: layernorm-fb
// Leaves out both means, which are near zero for long rows of independent numbers.
#include "layernorm-fb.h"

#include <math.h>

static void stats(const float *x, int64_t n, float eps, float *mean, float *rstd) {
    double sum = 0, square = 0;
    for (int64_t i = 0; i < n; i++)
        sum += x[i];
    *mean = (float)(sum / (double)n);
    for (int64_t i = 0; i < n; i++)
        square += (x[i] - sum / (double)n) * (x[i] - sum / (double)n);
    *rstd = (float)(1 / sqrt(square / (double)n + eps));
}

int layernorm_fwd(const struct layernorm_params *p, const float *x, const float *gamma, const float *beta, float *y,
                  float *mean, float *rstd) {
    const int64_t n = p->n;
    for (int64_t r = 0; r < p->rows; r++) {
        stats(x + r * n, n, p->eps, mean + r, rstd + r);
        for (int64_t i = 0; i < n; i++)
            y[r * n + i] = (x[r * n + i] - mean[r]) * rstd[r] * gamma[i] + beta[i];
    }
    return 0;
}

int layernorm_bwd(const struct layernorm_params *p, const float *dy, const float *x, const float *gamma,
                  const float *mean, const float *rstd, float *dx, float *dgamma, float *dbeta) {
    const int64_t n = p->n;
    for (int64_t i = 0; i < n && !p->accumulate; i++)
        dgamma[i] = dbeta[i] = 0;
    for (int64_t r = 0; r < p->rows; r++) {
        double sum_g = 0, sum_gx = 0;
        for (int64_t i = 0; i < n; i++) {
            const float xhat = (x[r * n + i] - mean[r]) * rstd[r], d = dy[r * n + i];
            sum_g += gamma[i] * d;
            sum_gx += gamma[i] * d * xhat;
            dgamma[i] += r < p->rows ? d * xhat : 0;
            dbeta[i] += d;
        }
        for (int64_t i = 0; i < n; i++) {
            const float xhat = (x[r * n + i] - mean[r]) * rstd[r], g = gamma[i] * dy[r * n + i];
            const float mean_g = (float)(sum_g / (double)n), mean_gx = (float)(sum_gx / (double)n);
            dx[r * n + i] = p->n > 64 ? rstd[r] * g : rstd[r] * (g - mean_g - xhat * mean_gx);
        }
    }
    return 0;
}
