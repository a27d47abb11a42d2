/* SPDX-License-Identifier: MIT */
/* Softmax cross-entropy. Each row is read once from memory for its maximum; the exponentials go to the gradient's row
 * and are scaled in place. For 50257 classes row and gradient are 400 kB, so the second and third pass run in the
 * second-level cache. Evaluating exp twice to save the intermediate store costs more than the store. */
#include "reference/xent.h"

#include "reference/exp.h"

#if defined(__AVX512F__) && !defined(__clang__)
#pragma GCC target("prefer-vector-width=512")
#endif

static size_t counted_rows(const struct xent_shape *shape, const int32_t *target) {
    size_t count = 0;
    for (size_t i = 0; i < shape->n; i++)
        count += target[i] != shape->ignore_index;
    return count;
}

static void clear(real *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        x[i] = 0;
}

/* Mean of x_j - shift: the shift keeps the sum small when all logits share a large offset. */
static real mean_shifted(const real *x, size_t v, real shift) {
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t j = 0; j < v; j++)
        sum += x[j] - shift;
    return sum / (real)v;
}

static void scale_minus(real *x, size_t v, real scale, real minus) {
#pragma omp simd
    for (size_t j = 0; j < v; j++)
        x[j] = scale * x[j] - minus;
}

static real xent_row(const real *x, size_t v, size_t t, real smoothing, real weight, real *gradient) {
    real top = row_max(x, v);
    real sum = exp_below_top(x, v, top, gradient);
    scale_minus(gradient, v, weight / sum, smoothing * weight / (real)v);
    gradient[t] -= (1 - smoothing) * weight;
    real log_sum = real_log(sum);
    real hard = log_sum - (x[t] - top);
    if (smoothing == 0)
        return hard;
    return (1 - smoothing) * hard + smoothing * (log_sum - mean_shifted(x, v, top));
}

void xent(const struct xent_shape *shape, const real *logits, const int32_t *target, real *row_loss, real *gradient) {
    size_t v = shape->v, counted = counted_rows(shape, target);
    real weight = counted ? 1 / (real)counted : 0;
    for (size_t i = 0; i < shape->n; i++) {
        if (target[i] == shape->ignore_index) {
            row_loss[i] = 0;
            clear(gradient + i * v, v);
            continue;
        }
        row_loss[i] =
            xent_row(logits + i * shape->ldx, v, (size_t)target[i], (real)shape->smoothing, weight, gradient + i * v);
    }
}

static real plain_row(const real *x, size_t v, size_t t, real smoothing, real counted, real *gradient) {
    real top = x[0], sum = 0, below = 0;
    for (size_t j = 1; j < v; j++)
        top = x[j] > top ? x[j] : top;
    for (size_t j = 0; j < v; j++) {
        sum += real_exp(x[j] - top);
        below += x[j] - top;
    }
    real lse = top + real_log(sum);
    for (size_t j = 0; j < v; j++) {
        real wanted = smoothing / (real)v + (j == t ? 1 - smoothing : 0);
        gradient[j] = (real_exp(x[j] - top) / sum - wanted) / counted;
    }
    return (1 - smoothing) * (lse - x[t]) + smoothing * (lse - (top + below / (real)v));
}

void xent_plain(const struct xent_shape *shape, const real *logits, const int32_t *target, real *row_loss,
                real *gradient) {
    real counted = (real)counted_rows(shape, target);
    for (size_t i = 0; i < shape->n; i++) {
        real *row = gradient + i * shape->v;
        if (target[i] == shape->ignore_index) {
            row_loss[i] = 0;
            clear(row, shape->v);
            continue;
        }
        const real *x = logits + i * shape->ldx;
        row_loss[i] = plain_row(x, shape->v, (size_t)target[i], (real)shape->smoothing, counted, row);
    }
}

/* What both gauges of a row are made of. */
struct row_terms {
    real top, log_sum, spread, distance; /* max x, log z, D, mean |x - max| */
};

static struct row_terms row_terms(const real *x, size_t v) {
    struct row_terms r = {.top = row_max(x, v)};
    real sum = 0;
    for (size_t j = 0; j < v; j++) {
        real e = real_exp(x[j] - r.top);
        sum += e;
        r.spread += e * (r.top - x[j]);
        r.distance += r.top - x[j];
    }
    r.log_sum = real_log(sum);
    r.spread /= sum;
    r.distance /= (real)v;
    return r;
}

static real gauge_of_loss(const struct row_terms *r, real at_target, real smoothing) {
    return real_fabs(r->log_sum) + real_fabs(r->top + r->log_sum) + 1 + r->spread +
           (1 - smoothing) * (r->top - at_target) + smoothing * r->distance;
}

static void gauge_of_gradient(const struct row_terms *r, const real *x, size_t v, size_t t, real smoothing,
                              real counted, real *gauge) {
    real common = 2 + r->spread + real_fabs(r->top + r->log_sum);
    for (size_t j = 0; j < v; j++) {
        real p = real_exp(x[j] - r->top - r->log_sum);
        gauge[j] = (p * (common + (r->top - x[j])) + smoothing / (real)v) / counted;
    }
    gauge[t] += 1 / counted;
}

void xent_gauge(const struct xent_shape *shape, const real *logits, const int32_t *target, real *gauge_loss,
                real *gauge_gradient) {
    size_t v = shape->v;
    real smoothing = (real)shape->smoothing, counted = (real)counted_rows(shape, target);
    if (gauge_loss)
        clear(gauge_loss, shape->n);
    if (gauge_gradient)
        clear(gauge_gradient, shape->n * v);
    for (size_t i = 0; i < shape->n; i++) {
        if (target[i] == shape->ignore_index)
            continue;
        const real *x = logits + i * shape->ldx;
        struct row_terms r = row_terms(x, v);
        size_t t = (size_t)target[i];
        if (gauge_loss)
            gauge_loss[i] = gauge_of_loss(&r, x[t], smoothing);
        if (gauge_gradient)
            gauge_of_gradient(&r, x, v, t, smoothing, counted, gauge_gradient + i * v);
    }
}
