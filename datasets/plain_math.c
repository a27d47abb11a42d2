/* SPDX-License-Identifier: MIT */
#include "datasets/plain_math.h"

#include <float.h>
#include <stdint.h>
#include <string.h>

_Static_assert(FLT_EVAL_METHOD == 0, "wider intermediate results would change the bytes");

/* x = m*2^e with m within [sqrt(1/2), sqrt(2)), and log m = 2 artanh s for s = (m-1)/(m+1): the first term that the
 * series leaves out is below 2^-64. */
double plain_log(double x) {
    if (!(x >= DBL_MIN && x <= DBL_MAX))
        return NAN;
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int64_t exponent = (int64_t)(bits >> 52) - 1023;
    bits = (bits & 0x000fffffffffffffu) | 0x3ff0000000000000u;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m >= 0x1.6a09e667f3bcdp+0) {
        m *= 0.5;
        exponent++;
    }
    double s = (m - 1) / (m + 1), square = s * s, sum = 0;
    for (int k = 25; k >= 3; k -= 2)
        sum = (sum + 1.0 / k) * square;
    return (double)exponent * 0x1.62e42fefa39efp-1 + (2 * s + 2 * s * sum);
}

/* The Taylor series on an eighth of a turn, of the cosine or of the sine. pi/2 is taken off in two parts, of which the
 * first has so few bits that its multiples are exact. */
double plain_cos(double x) {
    double turns = floor(x * 0x1.45f306dc9c883p-1 + 0.5);
    double r = (x - turns * 0x1.921fb544p+0) - turns * 0x1.0b4611a626331p-34;
    int quarter = (int)((int64_t)turns & 3);
    double square = r * r, sum = 0;
    /* cos: 1 - r^2/2 (1 - r^2/12 (...)); sin: r - r r^2/6 (1 - r^2/20 (...)) */
    for (int k = quarter % 2 ? 21 : 20; k >= 2; k -= 2)
        sum = (1 + sum) * -square / (double)(k * (k - 1));
    double value = quarter % 2 ? r + r * sum : 1 + sum;
    return quarter == 1 || quarter == 2 ? -value : value;
}
