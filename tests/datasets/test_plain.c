/* SPDX-License-Identifier: MIT */
/* The arithmetic of the generators is right, not only repeatable: log, cos and the matrix product. */
#include <check.h>
#include <math.h>
#include <stdint.h>

#include <cblas.h>

double plain_log(double x);
double plain_cos(double x);

/* In units of the last place of the C library's answer, which is within one of the truth. */
static double ulps(double got, double expected) {
    return fabs(got - expected) / (fabs(expected) * 0x1p-52);
}

START_TEST(logarithm) {
    double worst = 0;

    for (double x = 1e-300; x < 1e300; x *= 1.0371)
        worst = fmax(worst, ulps(plain_log(x), log(x)));
    for (double x = 0.5; x < 2; x += 0.000977)
        worst = fmax(worst, x == 1 ? 0 : ulps(plain_log(x), log(x)));
    ck_assert_msg(worst <= 3, "%.2f ulp", worst);
    ck_assert_double_eq(plain_log(1), 0);
    ck_assert(isnan(plain_log(0)) && isnan(plain_log(-1)) && isnan(plain_log(INFINITY)) && isnan(plain_log(NAN)));
}
END_TEST

START_TEST(cosine) {
    double worst = 0;

    for (double x = -40; x < 40; x += 0.00713)
        worst = fmax(worst, fabs(plain_cos(x) - cos(x)));
    ck_assert_msg(worst < 4e-16, "%.2e", worst);
    ck_assert_double_eq(plain_cos(0), 1);
}
END_TEST

/* Every combination of turned matrices, with columns that are no multiple of a block and rows longer than needed. */
START_TEST(product) {
    enum { M = 5, N = 37, K = 11, PITCH = 41 };
    static float a[PITCH * PITCH], b[PITCH * PITCH], c[M * PITCH], before[M * PITCH];
    const enum CBLAS_TRANSPOSE turn_a = _i & 1 ? CblasTrans : CblasNoTrans, turn_b = _i & 2 ? CblasTrans : CblasNoTrans;
    const float beta = _i & 4 ? 1.0f : 0.0f;

    for (int i = 0; i < PITCH * PITCH; i++) {
        a[i] = (float)(i * 7919 % 101 - 50);
        b[i] = (float)(i * 104729 % 97 - 48);
    }
    for (int i = 0; i < M * PITCH; i++)
        before[i] = c[i] = beta != 0 || i % PITCH >= N ? (float)(i % 13) : NAN;
    cblas_sgemm(CblasRowMajor, turn_a, turn_b, M, N, K, 0.5f, a, PITCH, b, PITCH, beta, c, PITCH);
    for (int i = 0; i < M; i++)
        for (int j = 0; j < PITCH; j++) {
            double sum = 0;
            for (int l = 0; l < K; l++)
                sum += (double)a[_i & 1 ? l * PITCH + i : i * PITCH + l] * b[_i & 2 ? j * PITCH + l : l * PITCH + j];
            const double start = beta != 0 ? (double)before[i * PITCH + j] : 0;
            const double expected = j < N ? start + sum / 2 : (double)before[i * PITCH + j];
            ck_assert_double_eq((double)c[i * PITCH + j], expected);
        }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("plain");
    TCase *tests = tcase_create("plain");

    tcase_add_test(tests, logarithm);
    tcase_add_test(tests, cosine);
    tcase_add_loop_test(tests, product, 0, 8);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
