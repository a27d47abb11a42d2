/* SPDX-License-Identifier: MIT */
/* The mixture of experts against a dense computation in long double, in which every expert answers every token and a
 * choice is a count of better logits; and the inputs that are made for it. */
#include "tests/reference/moe_problem.h"

static void naive_expert(const struct moe *moe, size_t t, size_t e, long double *o) {
    for (size_t i = 0; i < D; i++)
        o[i] = 0;
    for (size_t j = 0; j < F; j++) {
        long double z = 0;
        for (size_t i = 0; i < D; i++)
            z += (long double)moe->x[t * D + i] * moe->w1[(e * D + i) * F + j];
        for (size_t i = 0; i < D; i++)
            o[i] += z / (1 + expl(-z)) * moe->w2[(e * F + j) * D + i];
    }
}

/* One token: what must be in the answer, from the places that are taken before it. */
static void check_token(const struct moe *moe, size_t t, size_t *taken, size_t *front, long double *mean,
                        const struct answer *a) {
    const size_t k = moe->chosen;
    long double l[E], p[E], o[D], y[D] = {0}, chosen = 0;
    naive_logits(moe, t, l, p);
    for (size_t j = 0; j < k; j++)
        chosen += p[a->expert[t * k + j]];
    for (size_t i = 0; i < E; i++) {
        size_t rank = 0;
        for (size_t j = 0; j < E; j++)
            rank += l[j] > l[i] || (l[j] == l[i] && j < i);
        front[i] += rank == 0;
        mean[i] += p[i] / N;
        if (rank >= k)
            continue;
        const long double gate = p[i] / (moe->renormalise ? chosen : 1);
        ck_assert_int_eq(a->expert[t * k + rank], (int)i);
        ck_assert_int_eq(a->slot[t * k + rank], taken[i] < moe->capacity ? (int)taken[i] : -1);
        ck_assert_double_le(fabs(a->gate[t * k + rank] - (double)gate), 1e-14);
        naive_expert(moe, t, i, o);
        for (size_t c = 0; c < D && taken[i] < moe->capacity; c++)
            y[c] += gate * o[c];
        taken[i]++;
    }
    for (size_t c = 0; c < D; c++)
        ck_assert_double_le(fabs(a->y[t * D + c] - (double)y[c]), 1e-13);
}

static void check_answer(const struct moe *moe, const struct answer *a) {
    size_t taken[E] = {0}, front[E] = {0};
    long double mean[E] = {0}, aux = 0;
    for (size_t t = 0; t < N; t++)
        check_token(moe, t, taken, front, mean, a);
    for (size_t i = 0; i < E; i++)
        aux += E * (long double)front[i] / N * mean[i];
    ck_assert_double_le(fabs(a->aux - (double)aux), 1e-14);
}

START_TEST(both_agree_with_a_dense_computation) {
    static struct problem p;
    static struct answer a, b;
    make(_i, &p);
    solve(&p.moe, &a);
    check_answer(&p.moe, &a);
    struct moe_routing routing = {b.expert, b.slot, b.gate, &b.aux};
    ck_assert_int_eq(moe_plain(&p.moe, &routing, b.y), 0);
    check_answer(&p.moe, &b);
}
END_TEST

static double smallest_gap(const struct moe *moe, size_t t, size_t count) {
    long double l[E], p[E];
    double gap = INFINITY, a = 0;
    naive_logits(moe, t, l, p);
    for (size_t i = 0; i < E; i++) {
        double magnitude = 0;
        for (size_t j = 0; j < D; j++)
            magnitude += fabs(moe->x[t * D + j] * moe->wr[j * E + i]);
        a = fmax(a, magnitude);
    }
    for (size_t i = 0; i < E; i++)
        for (size_t j = 0; j < E; j++) {
            size_t rank = 0;
            for (size_t other = 0; other < E; other++)
                rank += l[other] > l[i];
            if (i != j && l[j] <= l[i] && rank < count)
                gap = fmin(gap, (double)(l[i] - l[j]) / a);
        }
    return gap;
}

static size_t near_ties(const struct moe *moe) {
    size_t count = 0;
    for (size_t t = 0; t < N; t++)
        count += smallest_gap(moe, t, moe->chosen) < 0x1p-24 * 8;
    return count;
}

/* Two columns that differ in one row tie nearly where the token has next to nothing there, and turning brings something
 * else to that place. It cannot help where they are equal, and that must be said; zeros tie exactly and may. */
START_TEST(near_ties_are_turned_away) {
    static struct problem p;
    make(1, &p);
    ck_assert_uint_eq(near_ties(&p.moe), 0);
    for (size_t j = 0; j < D; j++)
        p.wr[j * E + 1] = p.wr[j * E];
    p.wr[1] += 0.7;
    for (size_t t = 0; t < N; t++)
        p.x[t * D] = 1e-7;
    ck_assert_uint_gt(near_ties(&p.moe), 0);
    ck_assert_int_eq(moe_turn_near_ties(&p.moe, false, p.x), 0);
    ck_assert_uint_eq(near_ties(&p.moe), 0);
    p.wr[1] = p.wr[0];
    p.moe.chosen = E;
    ck_assert_int_eq(moe_turn_near_ties(&p.moe, false, p.x), -1);
    memset(p.x, 0, sizeof p.x);
    ck_assert_int_eq(moe_turn_near_ties(&p.moe, false, p.x), 0);
}
END_TEST

START_TEST(spread_tokens_share_no_expert) {
    static struct problem p;
    static struct answer a;
    bool used[E] = {false};
    make(1, &p);
    p.moe.tokens = 3;
    p.moe.chosen = 2;
    ck_assert_int_eq(moe_turn_near_ties(&p.moe, true, p.x), 0);
    solve(&p.moe, &a);
    for (size_t c = 0; c < 6; c++) {
        ck_assert(!used[a.expert[c]]);
        used[a.expert[c]] = true;
    }
    p.moe.tokens = 4;
    ck_assert_int_eq(moe_turn_near_ties(&p.moe, true, p.x), -1);
}
END_TEST

START_TEST(equal_logits_choose_the_lower_index) {
    const double logits[] = {1, 3, 2, 3, 1, 3};
    const int32_t want[] = {1, 3, 5, 2, 0, 4};
    for (size_t count = 0; count <= 6; count++) {
        int32_t choice[7];
        choice[count] = 77;
        moe_choose(logits, 6, count, choice);
        ck_assert_int_eq(memcmp(choice, want, count * sizeof *want), 0);
        ck_assert_int_eq(choice[count], 77);
    }
}
END_TEST

START_TEST(products_of_few_rows_and_many) {
    enum { ROWS = 9, COLUMNS = 21, INNER = 17 };
    double left[ROWS * INNER], right[INNER * COLUMNS], out[ROWS * COLUMNS];
    float left32[ROWS * INNER], right32[INNER * COLUMNS], out32[ROWS * COLUMNS];
    uint64_t state = 3;
    fill(left, left32, ROWS * INNER, 1, &state);
    fill(right, right32, INNER * COLUMNS, 1, &state);
    for (size_t rows = 0; rows <= ROWS; rows++)
        for (size_t inner = 0; inner <= INNER; inner += rows % 2 + 1) {
            moe_product(rows, COLUMNS, inner, left, right, out);
            moe_product_f32(rows, COLUMNS, inner, left32, right32, out32);
            for (size_t i = 0; i < rows * COLUMNS; i++) {
                double sum = 0;
                for (size_t j = 0; j < inner; j++)
                    sum += left[i / COLUMNS * inner + j] * right[j * COLUMNS + i % COLUMNS];
                ck_assert_double_le(fabs(out[i] - sum), 1e-14);
                ck_assert_double_le(fabs((double)out32[i] - sum), 1e-5);
            }
        }
}
END_TEST

/* Each size in turn is 0; nothing may be read or written that is not there. */
START_TEST(sizes_of_zero) {
    static struct problem p;
    static struct answer a, b;
    make(1, &p);
    size_t *const size[] = {&p.moe.tokens, &p.moe.width, &p.moe.hidden, &p.moe.chosen, &p.moe.capacity};
    *size[_i] = 0;
    struct moe_routing routing = {b.expert, b.slot, b.gate, &b.aux};
    solve(&p.moe, &a);
    ck_assert_int_eq(moe_plain(&p.moe, &routing, b.y), 0);
    ck_assert_double_eq_tol(a.aux, b.aux, 1e-14);
    ck_assert((a.aux == 0) == (p.moe.tokens == 0));
    for (size_t i = 0; i < p.moe.tokens * p.moe.width; i++)
        ck_assert(a.y[i] == 0 && b.y[i] == 0);
    ck_assert_int_eq(memcmp(a.slot, b.slot, sizeof a.slot), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("moe");
    TCase *tests = tcase_create("moe");
    tcase_add_loop_test(tests, both_agree_with_a_dense_computation, 0, 2 * E);
    tcase_add_test(tests, near_ties_are_turned_away);
    tcase_add_test(tests, spread_tokens_share_no_expert);
    tcase_add_test(tests, equal_logits_choose_the_lower_index);
    tcase_add_test(tests, products_of_few_rows_and_many);
    tcase_add_loop_test(tests, sizes_of_zero, 0, 5);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
