/* SPDX-License-Identifier: MIT */
/* Rounding to short formats by the addition of a constant whose unit in the last place is the unit of the target: the
 * adder of the machine then rounds to nearest even. -ffp-contract=fast has no product to fuse here; -ffast-math would
 * cancel the two additions, and nothing is built with it. */
#include "reference/scaler.h"

static double power_of_two(int exponent) {
    union {
        uint64_t bits;
        double value;
    } power = {.bits = (uint64_t)(exponent + 1023) << 52};
    return power.value;
}

/* To `bits` significant bits, with nothing finer than 2^(smallest - bits + 1), infinite from `limit` on. */
static inline double round_short(double x, int bits, int smallest, double limit) {
    union {
        double value;
        uint64_t bits;
    } image = {.value = x};
    double size = fabs(x);
    if (!(size < limit))
        return isnan(x) ? x : copysign(INFINITY, x);
    int exponent = (int)(image.bits >> 52 & 0x7ff) - 1023;
    if (exponent < smallest)
        exponent = smallest;
    double magic = 0x1.8p52 * power_of_two(exponent - bits + 1);
    return copysign((size + magic) - magic, x);
}

double scaler_half(double x) {
    return round_short(x, 11, -14, 65520);
}

double scaler_bfloat(double x) {
    return round_short(x, 8, -126, 0x1.ffp127);
}

void scaler_compress(double scale, size_t n, real *x) {
    for (size_t i = 0; i < n; i++)
        x[i] = (real)scaler_half((double)(x[i] * (real)scale));
}

size_t scaler_broken(const real *x, size_t n) {
    size_t broken = 0;
    for (size_t i = 0; i < n; i++)
        broken += isfinite(x[i]) ? 0 : 1;
    return broken;
}

void scaler_advance(struct scaler *scaler, bool overflow) {
    if (overflow) {
        scaler->scale *= scaler->backoff;
        scaler->good = 0;
        return;
    }
    scaler->good++;
    if (scaler->growth_interval > 0 && scaler->good >= scaler->growth_interval) {
        scaler->scale *= 2;
        scaler->good = 0;
    }
}
