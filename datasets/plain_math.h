/* SPDX-License-Identifier: MIT */
/* Included before every source of a generator: log and cos by +, -, * and / alone. The C library's are as good, but
 * their last bit depends on its version and on whether the processor has fused multiplications. */
#ifndef DATASETS_PLAIN_MATH_H
#define DATASETS_PLAIN_MATH_H

#include <math.h>

double plain_log(double x); /* x a positive normal number; anything else gives NaN */
double plain_cos(double x); /* |x| < 1e5 */

#define log plain_log
#define cos plain_cos

#endif
