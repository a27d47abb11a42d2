/* SPDX-License-Identifier: MIT */
/* The state is a mark, the number of rows, the totals and the totals of magnitudes (which are the gauge), and a check
 * sum over all of it. */
#include <stddef.h>
#include <string.h>

#include "reference/real.h"

enum { WIDTH_MAX = 16 };

struct state {
    uint32_t mark, check;
    int32_t rows, unused;
    real sums[2 * WIDTH_MAX]; /* w totals, then w gauges */
};

static size_t state_bytes(int32_t w) {
    return offsetof(struct state, sums) + 2 * (size_t)w * sizeof(real);
}

static uint32_t check_of(const struct state *state, int32_t w) {
    const unsigned char *byte = (const unsigned char *)&state->rows;
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < state_bytes(w) - offsetof(struct state, rows); i++)
        hash = (hash ^ byte[i]) * 16777619u;
    return hash;
}

static int resume(const struct episode_total_params *p, const uint8_t *bytes, struct state *state) {
    memset(state, 0, sizeof *state);
    memcpy(state, bytes, state_bytes(p->w));
    if (state->mark == 0x746f7461u && state->check == check_of(state, p->w) && state->rows >= 0 && state->rows <= p->n)
        return 1;
    memset(state, 0, sizeof *state);
    return 0;
}

static void save(const struct episode_total_params *p, struct state *state, uint8_t *bytes) {
    state->mark = 0x746f7461u;
    state->rows = p->n;
    state->check = check_of(state, p->w);
    memset(bytes, 0, 16 * (size_t)p->w + 32);
    memcpy(bytes, state, state_bytes(p->w));
}

int reference_episode_total(const struct episode_total_params *p, const real *x, const uint8_t *bytes, uint8_t *next,
                            real *total, int32_t *resumed, real *gauge_total) {
    struct state state;
    resumed[0] = resume(p, bytes, &state);
    for (int32_t c = 0; c < p->w; c++) {
        real sum = 0, size = 0;
        for (int32_t i = state.rows; i < p->n; i++) {
            sum += x[i * p->w + c];
            size += real_fabs(x[i * p->w + c]);
        }
        total[c] = state.sums[c] += (real)p->gain * sum;
        state.sums[p->w + c] += real_fabs((real)p->gain) * size;
        if (gauge_total != NULL)
            gauge_total[c] = state.sums[p->w + c];
    }
    save(p, &state, next);
    return 0;
}

/* Row by row from the last one, each multiplied before it is added. */
int plain_episode_total(const struct episode_total_params *p, const real *x, const uint8_t *bytes, uint8_t *next,
                        real *total, int32_t *resumed) {
    struct state state;
    resumed[0] = resume(p, bytes, &state);
    for (int32_t i = p->n - 1; i >= state.rows; i--)
        for (int32_t c = 0; c < p->w; c++)
            state.sums[c] += (real)p->gain * x[i * p->w + c];
    for (int32_t c = 0; c < p->w; c++)
        total[c] = state.sums[c];
    save(p, &state, next);
    return 0;
}

int generate_flip(const struct episode_total_params *p, real *x, uint8_t *bytes, uint8_t *next, real *total,
                  int32_t *resumed) {
    (void)x, (void)next, (void)total, (void)resumed;
    for (int32_t i = 0; i < 16 * p->w + 32; i++)
        bytes[i] ^= 0x55;
    return 0;
}

/* The first column's total after each call. */
int measure_episode_total(const struct episode_total_params *p, const real *x, const uint8_t *bytes,
                          const uint8_t *next, const real *total, const int32_t *resumed, double *first_column) {
    (void)x, (void)bytes, (void)next, (void)resumed;
    for (int32_t k = 0; k < p->stages; k++)
        first_column[k] = (double)total[k * p->w];
    return 0;
}
