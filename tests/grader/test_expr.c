/* SPDX-License-Identifier: MIT */
/* Formulas: values, whole-number arithmetic, and the exact text of every error. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grader/expr.h"

static const char *const names[] = {"b", "h", "t", "d", "zero", "scale", "big"};
static const double values[] = {2, 8, 33, 16, 0, 0.25, 9007199254740992.0};
static const struct expr_names known = {.count = 7, .name = names, .value = values};

static const struct {
    const char *text;
    double value;
} good_reals[] = {
    {"1", 1},
    {"1.5e-3", 1.5e-3},
    {"  2 * b*h*d*t*(t+1) ", 2.0 * 2 * 8 * 16 * 33 * 34},
    {"1/sqrt(d)", 0.25},
    {"8-2-1", 5},
    {"8/4/2", 1},
    {"2+3*4", 14},
    {"-3-2", -5},
    {"--3", 3},
    {"2*-3", -6},
    {"-(2-5)*2", 6},
    {"min(3,t,-2)", -2},
    {"max(1,zero)", 1},
    {"log2(h)", 3},
    {"floor(t/d)", 2},
    {"ceil(t/d)", 3},
    {"max(min(4,5),floor(-0.5))", 4},
    {"scale*scale", 0.0625},
    {"1e308", 1e308},
};

START_TEST(test_real) {
    struct error err = {0};
    double value = NAN;

    ck_assert_msg(expr_real(good_reals[_i].text, &known, &value, &err) == 0, "%s", err.text);
    ck_assert_msg(value == good_reals[_i].value, "%s is %g", good_reals[_i].text, value);
}
END_TEST

static const struct {
    const char *text;
    int64_t value;
} good_counts[] = {
    {"t", 33},
    {"b*h*t*d", 8448},
    {"t-40", -7},
    {"d/4", 4},
    {"ceil(t/4)", 9},
    {"floor(t/4)*4", 32},
    {"big", INT64_C(1) << 53},
    {"floor(scale*d)", 4},
    {"zero/5", 0},
    {"sqrt(d)", 4},
    {"max(t-40,0)", 0},
    {"ceil(1.5*floor(2.5))", 3},
};

START_TEST(test_count) {
    struct error err = {0};
    int64_t value = -1;

    ck_assert_msg(expr_count(good_counts[_i].text, &known, &value, &err) == 0, "%s", err.text);
    ck_assert_msg(value == good_counts[_i].value, "%s is %lld", good_counts[_i].text, (long long)value);
}
END_TEST

static const struct {
    const char *text, *message;
} bad_reals[] = {
    {"", "at character 1 of '': a number, a name or '(' was expected."},
    {"t+dd", "at character 3 of 't+dd': 'dd' is not a size or scalar here; did you mean 'd'?"},
    {"q", "at character 1 of 'q': 'q' is not a size or scalar here; use the name of one that the entry has."},
    {"sqr(d)", "at character 1 of 'sqr(d)': 'sqr' is not a function here; did you mean 'sqrt'?"},
    {"tan(d)", "at character 1 of 'tan(d)': 'tan' is not a function here; there are sqrt log2 floor ceil min max."},
    {"sqrt", "at character 1 of 'sqrt': 'sqrt' is not a size or scalar here; use the name of one that the entry has."},
    {"1/zero", "at character 2 of '1/zero': division by zero; guard a size that may be 0, as in 1/max(d,1)."},
    {"sqrt(-1)",
     "at character 1 of 'sqrt(-1)': sqrt(-1) is not a finite number; keep the operand in range with max()."},
    {"1+log2(zero)",
     "at character 3 of '1+log2(zero)': log2(0) is not a finite number; keep the operand in range with max()."},
    {"1e308*10", "at character 6 of '1e308*10': overflow: the value is not a finite number; use smaller sizes."},
    {"1e999", "at character 1 of '1e999': overflow: the value is not a finite number; use smaller sizes."},
    {"1e308+1e308", "at character 6 of '1e308+1e308': overflow: the value is not a finite number; use smaller sizes."},
    {"(t", "at character 3 of '(t': a ')' is missing."},
    {"min(t,d", "at character 8 of 'min(t,d': a ')' is missing for min()."},
    {"min(t)", "at character 1 of 'min(t)': min() needs at least 2 operands."},
    {"sqrt(t,d)", "at character 8 of 'sqrt(t,d)': sqrt() takes at most 1 operand."},
    {"max(1,2,3,4,5,6,7,8,9)", "at character 21 of 'max(1,2,3,4,5,6,7,8,9)': max() takes at most 8 operands."},
    {"t d", "at character 3 of 't d': an operator was expected; there are + - * /."},
    {"t)", "at character 2 of 't)': an operator was expected; there are + - * /."},
    {"2t", "at character 2 of '2t': an operator has to stand between a number and a name; write 2*n, not 2n."},
    {"0x10", "at character 2 of '0x10': an operator has to stand between a number and a name; write 2*n, not 2n."},
    {"1e", "at character 3 of '1e': a digit has to follow the 'e' of a number."},
    {"1..2", "at character 3 of '1..2': an operator was expected; there are + - * /."},
    {".5", "at character 1 of '.5': a number, a name or '(' was expected."},
    {"+3", "at character 1 of '+3': a number, a name or '(' was expected."},
    {"t^2", "at character 2 of 't^2': an operator was expected; there are + - * /."},
    {"nan", "at character 1 of 'nan': 'nan' is not a size or scalar here; use the name of one that the entry has."},
};

START_TEST(test_bad_real) {
    struct error err = {0};
    double value;

    ck_assert_int_eq(expr_real(bad_reals[_i].text, &known, &value, &err), -1);
    ck_assert_str_eq(err.text, bad_reals[_i].message);
    ck_assert_int_eq(err.owner, ERROR_CHALLENGE);
}
END_TEST

static const struct {
    const char *text, *message;
} bad_counts[] = {
    {"t/2", "at character 2 of 't/2': 33/2 is not a whole number; say how to round with floor() or ceil()."},
    {"t/2*2", "at character 2 of 't/2*2': 33/2 is not a whole number; say how to round with floor() or ceil()."},
    {"0.5", "at character 1 of '0.5': 0.5 is not a whole number; say how to round with floor() or ceil()."},
    {"scale*d", "at character 1 of 'scale*d': 0.25 is not a whole number; say how to round with floor() or ceil()."},
    {"sqrt(t)",
     "at character 1 of 'sqrt(t)': 5.744562647 is not a whole number; say how to round with floor() or ceil()."},
    {"big+2", "at character 4 of 'big+2': overflow: 9.007199255e+15 is beyond 2^53; use smaller sizes."},
    {"big*big/big", "at character 4 of 'big*big/big': overflow: 8.112963841e+31 is beyond 2^53; use smaller sizes."},
    {"-big*2+big*2", "at character 5 of '-big*2+big*2': overflow: -1.801439851e+16 is beyond 2^53; use smaller sizes."},
    {"ceil(big*2)", "at character 1 of 'ceil(big*2)': overflow: 1.801439851e+16 is beyond 2^53; use smaller sizes."},
    {"t/zero", "at character 2 of 't/zero': division by zero; guard a size that may be 0, as in 1/max(d,1)."},
};

START_TEST(test_bad_count) {
    struct error err = {0};
    int64_t value;

    ck_assert_int_eq(expr_count(bad_counts[_i].text, &known, &value, &err), -1);
    ck_assert_str_eq(err.text, bad_counts[_i].message);
}
END_TEST

START_TEST(test_depth_and_length) {
    char deep[EXPR_LENGTH_MAX + 1], chain[EXPR_LENGTH_MAX + 1], longer[EXPR_LENGTH_MAX + 2];
    struct error err = {0};
    double value;

    memset(deep, '(', sizeof deep - 1);
    memset(chain, '-', sizeof chain - 1);
    memset(longer, '1', sizeof longer - 1);
    deep[sizeof deep - 1] = chain[sizeof chain - 1] = longer[sizeof longer - 1] = '\0';
    ck_assert_int_eq(expr_real(deep, &known, &value, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "at character 33 of "));
    ck_assert_ptr_nonnull(strstr(err.text, "nested more than 32 deep; write it simpler."));
    ck_assert_int_eq(expr_real(chain, &known, &value, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "nested more than 32 deep; write it simpler."));
    ck_assert_int_eq(expr_real(longer, &known, &value, &err), -1);
    ck_assert_str_eq(err.text, "the expression is longer than 240 characters; write it shorter.");
    ck_assert_int_eq(expr_real(longer, &known, &value, NULL), -1);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("expr");
    TCase *tcase = tcase_create("expr");

    tcase_add_loop_test(tcase, test_real, 0, (int)(sizeof good_reals / sizeof *good_reals));
    tcase_add_loop_test(tcase, test_count, 0, (int)(sizeof good_counts / sizeof *good_counts));
    tcase_add_loop_test(tcase, test_bad_real, 0, (int)(sizeof bad_reals / sizeof *bad_reals));
    tcase_add_loop_test(tcase, test_bad_count, 0, (int)(sizeof bad_counts / sizeof *bad_counts));
    tcase_add_test(tcase, test_depth_and_length);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
