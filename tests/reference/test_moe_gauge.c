/* SPDX-License-Identifier: MIT */
/* The gauges of the mixture of experts: against their formulas, against inputs that move, and against what both float32
 * algorithms lose. */
#include "tests/reference/moe_problem.h"

struct gauges {
    double y[ND], gate[NE], aux;
};

static void gauge(const struct moe *moe, struct answer *a, struct gauges *g) {
    const struct moe_routing routing = {a->expert, a->slot, a->gate, &a->aux};
    ck_assert_int_eq(moe_route_gauge(moe, &routing, g->gate, &g->aux), 0);
    ck_assert_int_eq(moe_combine_gauge(moe, &routing, g->gate, g->y), 0);
}

static void check_float(const struct problem *p, const struct answer *a, const struct gauges *g,
                        const struct moe_routing_f32 *got, const float *y) {
    const size_t choices = N * p->moe.chosen;
    const double unit = 0x1p-24, limit = 4;
    ck_assert_int_eq(memcmp(a->expert, got->expert, choices * sizeof *a->expert), 0);
    ck_assert_int_eq(memcmp(a->slot, got->slot, choices * sizeof *a->slot), 0);
    for (size_t c = 0; c < choices; c++)
        ck_assert_double_le(fabs(got->gate[c] - a->gate[c]), limit * unit * g->gate[c]);
    for (size_t i = 0; i < ND; i++)
        ck_assert_double_le(fabs(y[i] - a->y[i]), limit * unit * g->y[i]);
    ck_assert_double_le(fabs(*got->aux - a->aux), limit * unit * g->aux);
}

START_TEST(float32_stays_within_the_gauges) {
    static struct problem p;
    static struct answer a;
    static struct gauges g;
    int32_t expert[NE], slot[NE];
    float gate[NE], aux, y[ND];
    struct moe_routing_f32 got = {expert, slot, gate, &aux};
    make(_i, &p);
    solve(&p.moe, &a);
    gauge(&p.moe, &a, &g);
    ck_assert_int_eq(moe_route_f32(&p.small, &got), 0);
    ck_assert_int_eq(moe_combine_f32(&p.small, &got, y), 0);
    check_float(&p, &a, &g, &got, y);
    ck_assert_int_eq(moe_plain_f32(&p.small, &got, y), 0);
    check_float(&p, &a, &g, &got, y);
}
END_TEST

/* The gauge of y by its formula, for one element. */
static double naive_gauge(const struct moe *moe, const struct answer *a, const struct gauges *g, size_t t, size_t c) {
    double sum = 0;
    for (size_t at = t * moe->chosen; at < (t + 1) * moe->chosen; at++) {
        double o = 0, linear = 0, square = 0;
        for (size_t j = 0; j < F && a->slot[at] >= 0; j++) {
            const size_t e = (size_t)a->expert[at];
            double z = 0, b = 0;
            for (size_t i = 0; i < D; i++) {
                z += moe->x[t * D + i] * moe->w1[(e * D + i) * F + j];
                b += fabs(moe->x[t * D + i] * moe->w1[(e * D + i) * F + j]);
            }
            const double s = 1 / (1 + exp(-z)), h = z * s, w = moe->w2[(e * F + j) * D + c];
            const double own = (fabs(s * (1 + z * (1 - s))) * b + fabs(h)) * w;
            o += h * w;
            linear += fabs(h * w);
            square += own * own;
        }
        if (a->slot[at] >= 0)
            sum += g->gate[at] * fabs(o) + a->gate[at] * (linear + sqrt(square) + fabs(o));
    }
    return sum;
}

START_TEST(gauge_of_y_is_its_formula) {
    static struct problem p;
    static struct answer a;
    static struct gauges g;
    make(_i, &p);
    solve(&p.moe, &a);
    gauge(&p.moe, &a, &g);
    for (size_t i = 0; i < ND; i++) {
        const double want = naive_gauge(&p.moe, &a, &g, i / D, i % D);
        ck_assert_double_le(fabs(g.y[i] - want), 1e-12 * want);
    }
}
END_TEST

/* Logits that move by a share of sum |x||wr|, each for itself, move a gate by that share of its gauge at most; and by
 * a hundredth of it at least somewhere, or the gauge says nothing. */
START_TEST(gauge_of_gates_bounds_what_moves) {
    static struct problem p;
    static struct answer a, b;
    static struct gauges g;
    const double share = 1e-9;
    double most = 0, moved[D * E];
    uint64_t state = 99;
    make(_i, &p);
    solve(&p.moe, &a);
    gauge(&p.moe, &a, &g);
    for (size_t i = 0; i < D * E; i++)
        moved[i] = p.wr[i] * (1 + share * (noise(&state) < 0 ? -1 : 1));
    p.moe.wr = moved;
    solve(&p.moe, &b);
    for (size_t c = 0; c < N * p.moe.chosen; c++) {
        const double ratio = fabs(a.gate[c] - b.gate[c]) / (share * g.gate[c]);
        ck_assert_double_le(ratio, 1 + 1e-4);
        most = fmax(most, ratio);
    }
    if (p.moe.chosen > 1 || !p.moe.renormalise)
        ck_assert_double_ge(most, 0.01);
}
END_TEST

/* Each size in turn is 0: what is not there loses nothing. */
START_TEST(gauges_of_nothing) {
    static struct problem p;
    static struct answer a;
    static struct gauges g;
    make(1, &p);
    size_t *const size[] = {&p.moe.tokens, &p.moe.width, &p.moe.hidden, &p.moe.chosen, &p.moe.capacity};
    *size[_i] = 0;
    solve(&p.moe, &a);
    gauge(&p.moe, &a, &g);
    for (size_t i = 0; i < p.moe.tokens * p.moe.width; i++)
        ck_assert(g.y[i] == 0);
    ck_assert((g.aux == 0) == (p.moe.tokens == 0));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("moe_gauge");
    TCase *tests = tcase_create("moe_gauge");
    tcase_add_loop_test(tests, float32_stays_within_the_gauges, 0, 2 * E);
    tcase_add_loop_test(tests, gauge_of_y_is_its_formula, 0, 2);
    tcase_add_loop_test(tests, gauge_of_gates_bounds_what_moves, 0, 2 * E);
    tcase_add_loop_test(tests, gauges_of_nothing, 0, 5);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
