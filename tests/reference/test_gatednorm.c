/* SPDX-License-Identifier: MIT */
/* The gated layer: forward against long double loops, every coordinate of the gradient against the complex step, which
 * subtracts nothing; the plain variant and float32 within the gauges; identities in dy, in the rows and at a = 0. */
#define REAL_IS_DOUBLE 1
#include "reference/gatednorm.h"

#include <check.h>
#include <complex.h>
#include <stdlib.h>
#include <string.h>

/* The float32 build's structs have the same members, of float. */
struct weights32 {
    const float *gain, *w1, *w2, *w3;
    float a;
};
struct shape32 {
    size_t rows, width, inner;
    enum gate gate;
    enum gatednorm_norm norm;
    float eps;
};
struct gradient32 {
    float *dx, *dgain, *dw1, *dw2, *dw3, *da;
};
int gatednorm_backward_f32(const struct shape32 *shape, const struct weights32 *weights, const float *x,
                           const float *dy, const struct gradient32 *out);
int gatednorm_backward_plain_f32(const struct shape32 *shape, const struct weights32 *weights, const float *x,
                                 const float *dy, const struct gradient32 *out);

enum { ROWS = 9, WIDTH = 37, INNER = 41, MATRIX = WIDTH * INNER };

/* Inputs, or gradients, behind one another in this order. */
struct set {
    double x[ROWS * WIDTH], gain[WIDTH], w1[MATRIX], w2[MATRIX], w3[MATRIX], a;
};
enum { NUMBERS = sizeof(struct set) / sizeof(double) };

struct problem {
    struct gatednorm_shape shape;
    struct set in;
    double dy[ROWS * WIDTH];
};

static double random_normal(uint64_t *state) {
    double sum = 0;
    for (int i = 0; i < 12; i++) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        sum += (double)(*state >> 33) / 0x1p31;
    }
    return (double)(float)(sum - 6);
}

/* Row 1 is zero: there eps is all of the norm. */
static void problem_make(struct problem *p, size_t rows, size_t width, size_t inner, int variant, uint64_t seed) {
    memset(p, 0, sizeof *p);
    p->shape = (struct gatednorm_shape){
        rows, width, inner, (enum gate)(variant % 4), variant < 4 ? GATEDNORM_RMS : GATEDNORM_L2, (double)1e-3f};
    for (size_t i = 0; i < rows * width; i++) {
        p->in.x[i] = i / width == 1 ? 0 : 2 * random_normal(&seed);
        p->dy[i] = random_normal(&seed);
    }
    for (size_t i = 0; i < width; i++)
        p->in.gain[i] = (double)(float)(1 + random_normal(&seed) / 2);
    for (size_t i = 0; i < width * inner; i++) {
        p->in.w1[i] = random_normal(&seed) / 2;
        p->in.w2[i] = random_normal(&seed) / 2;
        p->in.w3[i] = random_normal(&seed) / 2;
    }
    p->in.a = (double)0.7f;
}

static struct gatednorm_weights weights_of(const struct set *in) {
    return (struct gatednorm_weights){in->gain, in->w1, in->w2, in->w3, in->a};
}

static struct gatednorm_gradient gradient_of(struct set *out) {
    return (struct gatednorm_gradient){out->x, out->gain, out->w1, out->w2, out->w3, &out->a};
}

static void solve(const struct problem *p, struct set *out) {
    const struct gatednorm_weights weights = weights_of(&p->in);
    const struct gatednorm_gradient gradient = gradient_of(out);
    memset(out, 0, sizeof *out);
    ck_assert_int_eq(gatednorm_backward(&p->shape, &weights, p->in.x, p->dy, &gradient), 0);
}

static double complex gate_of(enum gate gate, double complex p) {
    switch (gate) {
    case GATE_TANH:
        return ctanh(p);
    case GATE_SIGMOID:
        return 1 / (1 + cexp(-p));
    case GATE_SOFTPLUS:
        return clog(1 + cexp(p));
    default:
        return p / (1 + cexp(-p));
    }
}

/* Row i of y with every input moved along v by h times the imaginary unit. */
static void naive_row(const struct problem *p, const struct set *v, double h, size_t i, double complex *y) {
    const size_t width = p->shape.width, inner = p->shape.inner;
    const double complex step = I * h;
    double complex sum = 0, r[WIDTH];
#define MOVED(field, index) (p->in.field[index] + step * v->field[index])
    for (size_t k = 0; k < width; k++)
        sum += MOVED(x, i * width + k) * MOVED(x, i * width + k);
    sum = csqrt(sum / (p->shape.norm == GATEDNORM_RMS ? (double)width : 1) + p->shape.eps);
    for (size_t k = 0; k < width; k++) {
        r[k] = MOVED(gain, k) * MOVED(x, i * width + k) / sum;
        y[k] = 0;
    }
    for (size_t j = 0; j < inner; j++) {
        double complex before = 0, linear = 0;
        for (size_t k = 0; k < width; k++) {
            before += r[k] * MOVED(w1, k * inner + j);
            linear += r[k] * MOVED(w2, k * inner + j);
        }
        for (size_t k = 0; k < width; k++)
            y[k] += gate_of(p->shape.gate, before) * linear * MOVED(w3, j * width + k);
    }
    for (size_t k = 0; k < width; k++)
        y[k] = MOVED(x, i * width + k) + ctanh(p->in.a + step * v->a) * y[k];
#undef MOVED
}

/* The derivative of sum(dy*y) along v. */
static double complex_step(const struct problem *p, const struct set *v) {
    const double h = 1e-30;
    double slope = 0;
    for (size_t i = 0; i < p->shape.rows; i++) {
        double complex y[WIDTH];
        naive_row(p, v, h, i, y);
        for (size_t k = 0; k < p->shape.width; k++)
            slope += p->dy[i * p->shape.width + k] * (cimag(y[k]) / h);
    }
    return slope;
}

START_TEST(forward_agrees_with_the_formula) {
    static struct problem p;
    static const struct set still;
    static double y[ROWS * WIDTH];
    problem_make(&p, ROWS, WIDTH, INNER, _i, 3);
    const struct gatednorm_weights weights = weights_of(&p.in);
    ck_assert_int_eq(gatednorm_forward(&p.shape, &weights, p.in.x, y), 0);
    for (size_t i = 0; i < ROWS; i++) {
        double complex want[WIDTH];
        naive_row(&p, &still, 0, i, want);
        for (size_t k = 0; k < WIDTH; k++)
            ck_assert_double_eq_tol(y[i * WIDTH + k], creal(want[k]), 1e-12);
    }
}
END_TEST

/* Along every number of a small problem on its own, then along random directions of the large one. */
START_TEST(gradient_is_the_complex_step) {
    static struct problem p;
    static struct set v, out;
    problem_make(&p, 3, 4, 5, _i, 11);
    solve(&p, &out);
    double *const direction = (double *)&v, *const gradient = (double *)&out, *const input = (double *)&p.in;
    for (size_t n = 0; n < NUMBERS; n++) {
        if (n >= 3 * 4 && input[n] == 0) /* room that the small problem does not use */
            continue;
        memset(&v, 0, sizeof v);
        direction[n] = 1;
        const double want = complex_step(&p, &v);
        ck_assert_double_le(fabs(gradient[n] - want), 1e-13 * (1 + fabs(want)));
    }
    problem_make(&p, ROWS, WIDTH, INNER, _i, 12);
    solve(&p, &out);
    for (uint64_t seed = 1; seed <= 4; seed++) {
        uint64_t state = seed;
        double adjoint = 0, size = 0;
        for (size_t n = 0; n < NUMBERS; n++) {
            direction[n] = random_normal(&state);
            adjoint += direction[n] * gradient[n];
            size += fabs(direction[n] * gradient[n]);
        }
        ck_assert_double_le(fabs(adjoint - complex_step(&p, &v)), 1e-13 * size);
    }
}
END_TEST

typedef int backward32(const struct shape32 *shape, const struct weights32 *weights, const float *x, const float *dy,
                       const struct gradient32 *out);

/* The largest error of a float32 build in units of the gauge. */
static double worst_ratio(const struct problem *p, backward32 *backward, const struct set *truth,
                          const struct set *gauge) {
    static struct { float x[ROWS * WIDTH], gain[WIDTH], w1[MATRIX], w2[MATRIX], w3[MATRIX], a; } in, out;
    static float dy[ROWS * WIDTH];
    double worst = 0;
    for (size_t n = 0; n < NUMBERS; n++)
        ((float *)&in)[n] = (float)((const double *)&p->in)[n];
    for (size_t n = 0; n < ROWS * WIDTH; n++)
        dy[n] = (float)p->dy[n];
    memset(&out, 0, sizeof out);
    const struct shape32 shape = {p->shape.rows, p->shape.width, p->shape.inner,
                                  p->shape.gate, p->shape.norm,  (float)p->shape.eps};
    const struct weights32 weights = {in.gain, in.w1, in.w2, in.w3, in.a};
    const struct gradient32 gradient = {out.x, out.gain, out.w1, out.w2, out.w3, &out.a};
    ck_assert_int_eq(backward(&shape, &weights, in.x, dy, &gradient), 0);
    for (size_t n = 0; n < NUMBERS; n++) {
        const double error = fabs(((float *)&out)[n] - ((const double *)truth)[n]), g = ((const double *)gauge)[n];
        if (!(error <= 0))
            worst = fmax(worst, isnan(error) ? INFINITY : error / (0x1p-24 * g));
    }
    return worst;
}

/* Neither far above what rounding does, nor below. */
START_TEST(float32_stays_near_the_gauge) {
    static struct problem p;
    static struct set truth, gauge, plain;
    problem_make(&p, ROWS, WIDTH, INNER, _i, 21);
    solve(&p, &truth);
    const struct gatednorm_weights weights = weights_of(&p.in);
    const struct gatednorm_gradient to_gauge = gradient_of(&gauge), to_plain = gradient_of(&plain);
    memset(&gauge, 0, sizeof gauge);
    ck_assert_int_eq(gatednorm_backward_gauge(&p.shape, &weights, p.in.x, p.dy, &to_gauge), 0);
    ck_assert_int_eq(gatednorm_backward_plain(&p.shape, &weights, p.in.x, p.dy, &to_plain), 0);
    for (size_t n = 0; n < NUMBERS; n++)
        ck_assert_double_le(fabs(((double *)&plain)[n] - ((double *)&truth)[n]), 0x1p-48 * ((double *)&gauge)[n]);
    const double blas = worst_ratio(&p, gatednorm_backward_f32, &truth, &gauge);
    const double loops = worst_ratio(&p, gatednorm_backward_plain_f32, &truth, &gauge);
    ck_assert_double_le(blas, 6);
    ck_assert_double_le(loops, 6);
    ck_assert_double_ge(fmin(blas, loops), 0.2);
}
END_TEST

/* tanh(0) = 0: only a and x have a gradient. */
START_TEST(a_closed_gate_passes_dy_on) {
    static struct problem p;
    static struct set open, closed;
    problem_make(&p, ROWS, WIDTH, INNER, _i, 31);
    solve(&p, &open);
    p.in.a = 0;
    solve(&p, &closed);
    for (size_t n = 0; n < MATRIX; n++)
        ck_assert(closed.w1[n] == 0 && closed.w2[n] == 0 && closed.w3[n] == 0);
    for (size_t n = 0; n < ROWS * WIDTH; n++)
        ck_assert_double_eq(closed.x[n], p.dy[n]);
    const double c = tanh((double)0.7f);
    ck_assert_double_eq_tol(closed.a * (1 - c * c), open.a, 1e-12 * fabs(open.a));
}
END_TEST

/* Additive over the rows in the weights, and dy times a power of two is exact. */
START_TEST(gradient_is_linear_and_additive_over_rows) {
    static struct problem p, part;
    static struct set whole, first, second;
    problem_make(&p, ROWS, WIDTH, INNER, _i, 41);
    solve(&p, &whole);
    part = p;
    part.shape.rows = 4;
    solve(&part, &first);
    part.shape.rows = ROWS - 4;
    memmove(part.in.x, p.in.x + 4 * WIDTH, (ROWS - 4) * WIDTH * sizeof(double));
    for (size_t n = 0; n < (ROWS - 4) * WIDTH; n++)
        part.dy[n] = -4 * p.dy[n + 4 * WIDTH];
    solve(&part, &second);
    for (size_t n = ROWS * WIDTH; n < NUMBERS; n++) {
        const double sum = ((double *)&first)[n] - ((double *)&second)[n] / 4, want = ((double *)&whole)[n];
        ck_assert_double_le(fabs(sum - want), 1e-12 * (1 + fabs(want)));
    }
    part.shape.rows = 0;
    solve(&part, &second);
    for (size_t n = 0; n < NUMBERS; n++)
        ck_assert_double_eq(((double *)&second)[n], 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("gatednorm");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, forward_agrees_with_the_formula, 0, 8);
    tcase_add_loop_test(all, gradient_is_the_complex_step, 0, 8);
    tcase_add_loop_test(all, float32_stays_near_the_gauge, 0, 8);
    tcase_add_loop_test(all, a_closed_gate_passes_dy_on, 0, 8);
    tcase_add_loop_test(all, gradient_is_linear_and_additive_over_rows, 0, 8);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
