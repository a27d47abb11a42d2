/* SPDX-License-Identifier: MIT */
/* The transformer block against tests/reference/gpt_naive.h: the forward pass by its real part, the gradient by complex
 * steps, in every coordinate of a small block and along directions of larger ones. And identities: causality, the
 * gradient is linear in dy and is added to what is there, both variants can continue each other's tape. */
#define REAL_IS_DOUBLE 1
#include "reference/block.h"

#include <stdbool.h>
#include <string.h>

#include "tests/reference/gpt_naive.h"

/* The float32 build is linked as well; its header would redefine `real`. The structs are twelve pointers each. */
struct narrow {
    float *at[12];
};
struct narrow block_gradients_at_f32(const struct block_shape *shape, float *flat);
struct narrow block_tape_at_f32(const struct block_shape *shape, float *storage);
void block_forward_f32(const struct block_shape *shape, const struct narrow *w, const float *x,
                       const struct narrow *tape, float *y);
void block_forward_plain_f32(const struct block_shape *shape, const struct narrow *w, const float *x,
                             const struct narrow *tape, float *y);
void block_backward_f32(const struct block_shape *shape, const struct narrow *w, const float *x,
                        const struct narrow *tape, const float *dy, float *scratch, float *dx, const struct narrow *g);
void block_backward_plain_f32(const struct block_shape *shape, const struct narrow *w, const float *x,
                              const struct narrow *tape, const float *dy, float *scratch, float *dx,
                              const struct narrow *g);

/* One head, heads of width 1, one token, one hidden unit, one and two stripes of 64 queries, nothing at all. */
static const struct block_shape shapes[] = {
    {2, 5, 6, 3, 7, 1e-5},  {1, 1, 4, 1, 5, 1e-5}, {3, 9, 4, 4, 1, 1e-3}, {1, 64, 8, 2, 5, 1e-5},
    {2, 67, 4, 2, 3, 1e-5}, {1, 3, 8, 2, 0, 1e-5}, {0, 5, 4, 2, 3, 1e-5}, {2, 0, 4, 2, 3, 1e-5},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

/* Inputs that float32 holds exactly, with room for the answers of both precisions. */
struct problem {
    struct block_shape s;
    size_t count, params;
    double *x, *w, *dy; /* [count], [params], [count] */
    double *y, *dx, *g; /* the answers */
    double *tape, *scratch;
};

static double *doubles(size_t n) {
    double *x = calloc(n + 1, sizeof *x);
    ck_assert_ptr_nonnull(x);
    return x;
}

static void fill(double *x, size_t n, double mean, double size, uint64_t state) {
    for (size_t i = 0; i < n; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        x[i] = (float)(mean + size * ((double)(state >> 33) / 0x1p30 - 1));
    }
}

static struct problem problem_new(const struct block_shape *s) {
    struct problem p = {.s = *s, .count = s->batches * s->tokens * s->width, .params = block_parameter_reals(s)};
    p.x = doubles(p.count), p.w = doubles(p.params), p.dy = doubles(p.count);
    p.y = doubles(p.count), p.dx = doubles(p.count), p.g = doubles(p.params);
    p.tape = doubles(block_tape_reals(s)), p.scratch = doubles(block_scratch_reals(s));
    fill(p.x, p.count, 0.3, 1.5, 1);
    fill(p.w, p.params, 0.1, 0.8, 2);
    fill(p.dy, p.count, 0, 1, 3);
    return p;
}

static void problem_free(struct problem *p) {
    double *all[] = {p->x, p->w, p->dy, p->y, p->dx, p->g, p->tape, p->scratch};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

static void run_forward(struct problem *p, bool plain) {
    struct block_weights w = block_weights_at(&p->s, p->w);
    struct block_tape tape = block_tape_at(&p->s, p->tape);
    (plain ? block_forward_plain : block_forward)(&p->s, &w, p->x, &tape, p->y);
}

static void run_backward(struct problem *p, bool plain) {
    struct block_weights w = block_weights_at(&p->s, p->w);
    struct block_tape tape = block_tape_at(&p->s, p->tape);
    struct block_gradients g = block_gradients_at(&p->s, p->g);
    (plain ? block_backward_plain : block_backward)(&p->s, &w, p->x, &tape, p->dy, p->scratch, p->dx, &g);
}

static void run(struct problem *p, bool plain) {
    memset(p->g, 0, p->params * sizeof *p->g);
    run_forward(p, plain);
    run_backward(p, plain);
}

/* y of the definition at (x, w) + step*(vx, vw). */
static number *naive(const struct problem *p, const double *vx, const double *vw) {
    size_t each = p->s.tokens * p->s.width;
    number *x = numbers(p->count), *w = numbers(p->params);
    for (size_t i = 0; i < p->count; i++)
        x[i] = stepped(p->x[i], vx[i]);
    for (size_t i = 0; i < p->params; i++)
        w[i] = stepped(p->w[i], vw[i]);
    for (size_t b = 0; b < p->s.batches; b++)
        naive_block(p->s.tokens, p->s.width, p->s.heads, p->s.hidden, p->s.eps, w, x + b * each);
    free(w);
    return x;
}

/* ||got - want|| / ||want||, infinite for a NaN. */
static double relative(size_t n, const double *got, const double *want) {
    double error = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        error += (got[i] - want[i]) * (got[i] - want[i]);
        size += want[i] * want[i];
    }
    return error == 0 ? 0 : error <= 1e300 ? sqrt(error / size) : INFINITY;
}

START_TEST(forward_is_the_definition) {
    struct problem p = problem_new(&shapes[_i]);
    double *none = doubles(p.count + p.params), *truth = doubles(p.count);
    number *y = naive(&p, none, none);
    for (size_t i = 0; i < p.count; i++)
        truth[i] = (double)creall(y[i]);
    for (int plain = 0; plain < 2; plain++) {
        run_forward(&p, plain);
        ck_assert_double_le(relative(p.count, p.y, truth), 3e-15);
        if (p.count > 0)
            p.y[p.count - 1] += 1e-9;
        ck_assert(p.count == 0 || relative(p.count, p.y, truth) > 3e-15);
    }
    free(none), free(truth), free(y);
    problem_free(&p);
}
END_TEST

/* <dy, J v> by one complex step, and <J^T dy, v> by the backward pass; `size` is the largest |gradient|. */
static double step_error(const struct problem *p, const double *vx, const double *vw) {
    number *y = naive(p, vx, vw);
    double step = 0, adjoint = 0, size = 0;
    for (size_t i = 0; i < p->count; i++) {
        step += p->dy[i] * derivative_of(y[i]);
        adjoint += p->dx[i] * vx[i];
        size = fmax(size, fabs(p->dx[i]));
    }
    for (size_t i = 0; i < p->params; i++) {
        adjoint += p->g[i] * vw[i];
        size = fmax(size, fabs(p->g[i]));
    }
    free(y);
    return fabs(step - adjoint) / size;
}

/* Without y the tape and what follows from it are the same to the bit. */
START_TEST(forward_for_the_tape_only) {
    struct problem p = problem_new(&shapes[_i]), q = problem_new(&shapes[_i]);
    for (int plain = 0; plain < 2; plain++) {
        run(&p, plain);
        const struct block_weights w = block_weights_at(&q.s, q.w);
        const struct block_tape tape = block_tape_at(&q.s, q.tape);
        memset(q.tape, 0, block_tape_reals(&q.s) * sizeof *q.tape);
        memset(q.g, 0, q.params * sizeof *q.g);
        (plain ? block_forward_plain : block_forward)(&q.s, &w, q.x, &tape, NULL);
        run_backward(&q, plain);
        ck_assert_mem_eq(q.dx, p.dx, p.count * sizeof *p.dx);
        ck_assert_mem_eq(q.g, p.g, p.params * sizeof *p.g);
    }
    problem_free(&p);
    problem_free(&q);
}
END_TEST

START_TEST(gradient_is_the_complex_step_in_every_coordinate) {
    struct problem p = problem_new(&shapes[0]);
    double *v = doubles(p.count + p.params);
    run(&p, _i);
    for (size_t i = 0; i < p.count + p.params; i++) {
        v[i] = 1;
        ck_assert_double_le(step_error(&p, v, v + p.count), 1e-14);
        v[i] = 0;
    }
    v[p.count + 3] = 1;
    p.g[3] *= 1 + 1e-6;
    ck_assert_double_gt(step_error(&p, v, v + p.count), 1e-14);
    free(v);
    problem_free(&p);
}
END_TEST

START_TEST(gradient_is_the_complex_step_along_directions) {
    struct problem p = problem_new(&shapes[_i]);
    double *v = doubles(p.count + p.params);
    for (int plain = 0; plain < 2 && p.count > 0; plain++) {
        run(&p, plain);
        for (uint64_t seed = 0; seed < 8; seed++) {
            fill(v, p.count + p.params, 0, 1, seed + 50);
            ck_assert_double_le(step_error(&p, v, v + p.count), 1e-13);
        }
    }
    free(v);
    problem_free(&p);
}
END_TEST

START_TEST(no_token_sees_a_later_one) {
    struct problem p = problem_new(&shapes[_i]);
    size_t d = p.s.width, each = p.s.tokens * d;
    double *before = doubles(p.count);
    for (size_t t = 1; t < p.s.tokens && p.count > 0; t += t < 60 ? 7 : 1) {
        run(&p, false);
        memcpy(before, p.y, p.count * sizeof *before);
        for (size_t c = 0; c < d; c++)
            p.x[t * d + c] += (double)(c + 1);
        run(&p, false);
        ck_assert_mem_eq(p.y, before, t * d * sizeof *before);
        ck_assert_mem_eq(p.y + each, before + each, (p.count - each) * sizeof *before);
        ck_assert_mem_ne(p.y + t * d, before + t * d, d * sizeof *before);

        memset(p.dy, 0, p.count * sizeof *p.dy);
        for (size_t c = 0; c < d; c++)
            p.dy[t * d + c] = 1 + (double)(c * c);
        run(&p, false);
        for (size_t i = (t + 1) * d; i < p.count; i++)
            ck_assert(p.dx[i] == 0);
        ck_assert(p.dx[0] != 0 || d / p.s.heads == 1);
    }
    free(before);
    problem_free(&p);
}
END_TEST

/* dy times -4 scales every product exactly; a second backward pass adds. */
START_TEST(gradient_is_linear_and_is_added) {
    struct problem p = problem_new(&shapes[_i]);
    double *g = doubles(p.params), *dx = doubles(p.count);
    for (int plain = 0; plain < 2; plain++) {
        run(&p, plain);
        memcpy(g, p.g, p.params * sizeof *g);
        memcpy(dx, p.dx, p.count * sizeof *dx);
        run_backward(&p, plain);
        for (size_t i = 0; i < p.params; i++)
            g[i] *= 2;
        ck_assert_double_le(relative(p.params, p.g, g), 1e-15);
        ck_assert_mem_eq(p.dx, dx, p.count * sizeof *dx);

        for (size_t i = 0; i < p.count; i++)
            p.dy[i] *= -4;
        run(&p, plain);
        for (size_t i = 0; i < p.count; i++)
            ck_assert(p.dx[i] == -4 * dx[i]);
        for (size_t i = 0; i < p.params; i++)
            ck_assert(p.g[i] == -2 * g[i]);
    }
    free(g), free(dx);
    problem_free(&p);
}
END_TEST

START_TEST(each_variant_continues_the_others_tape) {
    struct problem p = problem_new(&shapes[_i]), q = problem_new(&shapes[_i]);
    run(&p, false);
    for (int plain = 0; plain < 2; plain++) {
        memset(q.tape, 0xff, block_tape_reals(&q.s) * sizeof *q.tape);
        memset(q.scratch, 0xff, block_scratch_reals(&q.s) * sizeof *q.scratch);
        memset(q.g, 0, q.params * sizeof *q.g);
        run_forward(&q, plain);
        run_backward(&q, !plain);
        ck_assert_double_le(relative(p.count, q.dx, p.dx), 1e-14);
        ck_assert_double_le(relative(p.params, q.g, p.g), 1e-14);
    }
    problem_free(&p);
    problem_free(&q);
}
END_TEST

/* The same inputs in float32; the answers replace those of the problem. */
static void run_narrow(struct problem *p, bool plain) {
    size_t n = p->count, m = p->params, tape_reals = block_tape_reals(&p->s);
    float *x = calloc(4 * n + 2 * m + tape_reals + block_scratch_reals(&p->s) + 1, sizeof *x);
    ck_assert_ptr_nonnull(x);
    float *dy = x + n, *y = dy + n, *dx = y + n, *w = dx + n, *g = w + m, *tape = g + m, *scratch = tape + tape_reals;
    for (size_t i = 0; i < n; i++) {
        x[i] = (float)p->x[i];
        dy[i] = (float)p->dy[i];
    }
    for (size_t i = 0; i < m; i++)
        w[i] = (float)p->w[i];
    struct narrow wn = block_gradients_at_f32(&p->s, w), gn = block_gradients_at_f32(&p->s, g);
    struct narrow tn = block_tape_at_f32(&p->s, tape);
    (plain ? block_forward_plain_f32 : block_forward_f32)(&p->s, &wn, x, &tn, y);
    (plain ? block_backward_plain_f32 : block_backward_f32)(&p->s, &wn, x, &tn, dy, scratch, dx, &gn);
    for (size_t i = 0; i < n; i++) {
        p->y[i] = (double)y[i];
        p->dx[i] = (double)dx[i];
    }
    for (size_t i = 0; i < m; i++)
        p->g[i] = (double)g[i];
    free(x);
}

START_TEST(narrow_is_near_wide) {
    struct problem wide = problem_new(&shapes[_i]), p = problem_new(&shapes[_i]);
    run(&wide, false);
    for (int plain = 0; plain < 2; plain++) {
        run_narrow(&p, plain);
        ck_assert_double_le(relative(p.count, p.y, wide.y), 1e-6);
        ck_assert_double_le(relative(p.count, p.dx, wide.dx), 4e-6);
        ck_assert_double_le(relative(p.params, p.g, wide.g), 2e-6);
    }
    problem_free(&wide);
    problem_free(&p);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("block");
    TCase *cases = tcase_create("block");
    tcase_add_loop_test(cases, forward_is_the_definition, 0, SHAPES);
    tcase_add_loop_test(cases, forward_for_the_tape_only, 0, SHAPES);
    tcase_add_loop_test(cases, gradient_is_the_complex_step_in_every_coordinate, 0, 2);
    tcase_add_loop_test(cases, gradient_is_the_complex_step_along_directions, 0, SHAPES);
    tcase_add_loop_test(cases, no_token_sees_a_later_one, 0, SHAPES);
    tcase_add_loop_test(cases, gradient_is_linear_and_is_added, 0, SHAPES);
    tcase_add_loop_test(cases, each_variant_continues_the_others_tape, 0, SHAPES);
    tcase_add_loop_test(cases, narrow_is_near_wide, 0, SHAPES);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
