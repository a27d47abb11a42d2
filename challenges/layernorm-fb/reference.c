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

/* Makes mean and rstd belong to x. */
int generate_stats(const struct layernorm_params *p, real *dy, real *x, real *gamma, real *mean, real *rstd, real *dx,
                   real *dgamma, real *dbeta)
{
    (void)dy, (void)gamma, (void)dx, (void)dgamma, (void)dbeta;
    layer_norm_stats((size_t)p->rows, (size_t)p->n, (real)p->eps, x, mean, rstd);
    return 0;
}
