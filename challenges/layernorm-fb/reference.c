/* SPDX-License-Identifier: MIT */
/* Layer normalisation: all the work is in reference/norm.h; this file translates the contract's parameters. */
#include "reference/norm.h"

#include "layernorm-fb.h"

int reference_layernorm_fwd(const struct layernorm_params *p, const real *x, const real *gamma, const real *beta,
                            real *y, real *mean, real *rstd, real *gauge_y, real *gauge_mean, real *gauge_rstd)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;

    layer_norm_forward(rows, n, (real)p->eps, x, gamma, beta, y, mean, rstd);
    if (gauge_y != NULL || gauge_mean != NULL || gauge_rstd != NULL)
        layer_norm_forward_gauge(rows, n, x, gamma, beta, mean, rstd, gauge_y, gauge_mean, gauge_rstd);
    return 0;
}

int plain_layernorm_fwd(const struct layernorm_params *p, const real *x, const real *gamma, const real *beta, real *y,
                        real *mean, real *rstd)
{
    layer_norm_forward_plain((size_t)p->rows, (size_t)p->n, (real)p->eps, x, gamma, beta, y, mean, rstd);
    return 0;
}

int reference_layernorm_bwd(const struct layernorm_params *p, const real *dy, const real *x, const real *gamma,
                            const real *mean, const real *rstd, real *dx, real *dgamma, real *dbeta, real *gauge_dx,
                            real *gauge_dgamma, real *gauge_dbeta)
{
    size_t rows = (size_t)p->rows, n = (size_t)p->n;
    bool accumulate = p->accumulate != 0;

    /* First the gauges: they need what dgamma and dbeta hold before the sums are added. */
    if (gauge_dx != NULL || gauge_dgamma != NULL || gauge_dbeta != NULL)
        layer_norm_backward_gauge(rows, n, dy, x, gamma, mean, rstd, accumulate, dgamma, dbeta, gauge_dx, gauge_dgamma,
                                  gauge_dbeta);
    layer_norm_backward(rows, n, dy, x, gamma, mean, rstd, accumulate, dx, dgamma, dbeta);
    return 0;
}

int plain_layernorm_bwd(const struct layernorm_params *p, const real *dy, const real *x, const real *gamma,
                        const real *mean, const real *rstd, real *dx, real *dgamma, real *dbeta)
{
    layer_norm_backward_plain((size_t)p->rows, (size_t)p->n, dy, x, gamma, mean, rstd, p->accumulate != 0, dx, dgamma,
                              dbeta);
    return 0;
}

/* sum dy*y of one row at x + moved, where mean and rstd are those of the moved row: the gradient goes through both. */
static real row_loss(const struct layernorm_params *p, const real *dy, const real *x, const real *gamma,
                     const real *moved, const real *dgamma, const real *dbeta)
{
    real mean = 0, variance = 0, loss = 0;

    for (int32_t i = 0; i < p->n; i++)
        mean += (x[i] + moved[i]) / (real)p->n;
    for (int32_t i = 0; i < p->n; i++)
        variance += (x[i] + moved[i] - mean) * (x[i] + moved[i] - mean) / (real)p->n;
    for (int32_t i = 0; i < p->n; i++) {
        real xhat = (x[i] + moved[i] - mean) / real_sqrt(variance + (real)p->eps);
        loss += dy[i] * (xhat * (gamma[i] + dgamma[i]) + dbeta[i]);
    }
    return loss;
}

/* The loss whose gradient by y is dy: x, gamma and beta (which is 0, since it does not matter) are moved by what dx,
 * dgamma and dbeta hold. */
real objective_layernorm_bwd(const struct layernorm_params *p, const real *dy, const real *x, const real *gamma,
                             const real *mean, const real *rstd, const real *dx, const real *dgamma, const real *dbeta)
{
    real loss = 0;
    size_t n = (size_t)p->n;

    (void)mean, (void)rstd;
    for (size_t r = 0; r < (size_t)p->rows; r++)
        loss += row_loss(p, dy + r * n, x + r * n, gamma, dx + r * n, dgamma, dbeta);
    return loss;
}

/* Makes mean and rstd belong to x. */
int generate_stats(const struct layernorm_params *p, real *dy, real *x, real *gamma, real *mean, real *rstd, real *dx,
                   real *dgamma, real *dbeta)
{
    (void)dy, (void)gamma, (void)dx, (void)dgamma, (void)dbeta;
    layer_norm_stats((size_t)p->rows, (size_t)p->n, (real)p->eps, x, mean, rstd);
    return 0;
}
