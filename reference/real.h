/* SPDX-License-Identifier: MIT */
/* The one source, two precisions rule: every operation here is written in `real` and compiled twice.
 * REAL_IS_DOUBLE=1 gives the oracle (truth), REAL_IS_DOUBLE=0 the float32 baseline (the speed to beat and the honest
 * measure of float32 rounding). Only reference/ sees <cblas.h>. */
#ifndef REFERENCE_REAL_H
#define REFERENCE_REAL_H

#include <cblas.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#ifndef REAL_IS_DOUBLE
#error "compile with -DREAL_IS_DOUBLE=1 (oracle) or -DREAL_IS_DOUBLE=0 (baseline)"
#endif

#if REAL_IS_DOUBLE
typedef double real;
#define REAL_FN(name) name##_f64 /* keeps the two builds apart when a test links both */
#define real_gemm     cblas_dgemm
#define real_gemv     cblas_dgemv
#define real_dot      cblas_ddot
#define real_axpy     cblas_daxpy
#define real_nrm2     cblas_dnrm2
#define real_asum     cblas_dasum
#define real_exp      exp
#define real_log      log
#define real_sqrt     sqrt
#define real_fabs     fabs
#define real_fmax     fmax
#else
typedef float real;
#define REAL_FN(name) name##_f32
#define real_gemm     cblas_sgemm
#define real_gemv     cblas_sgemv
#define real_dot      cblas_sdot
#define real_axpy     cblas_saxpy
#define real_nrm2     cblas_snrm2
#define real_asum     cblas_sasum
#define real_exp      expf
#define real_log      logf
#define real_sqrt     sqrtf
#define real_fabs     fabsf
#define real_fmax     fmaxf
#endif

#endif
