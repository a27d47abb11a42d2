/* SPDX-License-Identifier: MIT */
/* A roofline in plain characters: speed against flops per byte, both axes logarithmic, with the machine's two roofs,
 * the submission and the reference. Source: Williams, Waterman and Patterson, "Roofline", CACM 52(4), 2009. */
#include <math.h>
#include <string.h>

#include "harness/format.h"
#include "harness/report_part.h"
#include "harness/view.h"

enum { PLOT_WIDTH = 56, PLOT_HEIGHT = 9 };

struct plot {
    double peak, bandwidth; /* GFLOP/s, GB/s */
    double left, right;     /* log10 of flop/byte */
    double bottom, top;     /* log10 of GFLOP/s */
    char cell[PLOT_HEIGHT][PLOT_WIDTH + 1];
};

/* The bandwidth of the smallest measured working set that holds this case. */
static double bandwidth_for(const struct machine_roof *roof, const struct grade_timing *t) {
    double bytes = t->gbps * t->estimate.candidate_ns, found = 0;
    for (size_t i = 0; i < MACHINE_BANDWIDTHS; i++) {
        if (roof->bandwidth_gbps[i] > 0)
            found = roof->bandwidth_gbps[i];
        if (found > 0 && (double)roof->bandwidth_bytes[i] >= bytes)
            break;
    }
    return found;
}

/* The timed case to draw: the one with the smallest ratio of those whose numbers are all there. */
static const struct grade_timing *case_to_draw(const struct grade *grade) {
    const struct grade_timing *found = NULL;
    for (size_t i = 0; i < grade->timing_count; i++) {
        const struct grade_timing *t = &grade->timing[i];
        double least = fmin(fmin(t->gflops, t->gbps), fmin(t->estimate.ratio, t->estimate.candidate_ns));
        if (!(least > 0) || !isfinite(t->gflops / t->gbps) || !isfinite(t->gflops / t->estimate.ratio) ||
            view_hidden_timing(grade, i) > 0)
            continue;
        if (found == NULL || t->estimate.ratio < found->estimate.ratio)
            found = t;
    }
    return found;
}

static double roof_at(const struct plot *plot, double log_intensity) {
    return fmin(log10(plot->peak), log10(plot->bandwidth) + log_intensity);
}

/* Values beyond the frame are drawn on its edge. */
static size_t cell_of(double value, double low, double high, size_t cells) {
    double place = (value - low) / (high - low) * (double)(cells - 1);
    if (!(place > 0))
        return 0;
    return place < (double)(cells - 1) ? (size_t)(place + 0.5) : cells - 1;
}

static void put_mark(struct plot *plot, double x, double y, char mark) {
    size_t column = cell_of(x, plot->left, plot->right, PLOT_WIDTH);
    size_t row = PLOT_HEIGHT - 1 - cell_of(y, plot->bottom, plot->top, PLOT_HEIGHT);
    plot->cell[row][column] = mark;
}

static void draw_roof(struct plot *plot) {
    for (size_t row = 0; row < PLOT_HEIGHT; row++) {
        memset(plot->cell[row], ' ', PLOT_WIDTH);
        plot->cell[row][PLOT_WIDTH] = '\0';
    }
    for (size_t column = 0; column < PLOT_WIDTH; column++) {
        double x = plot->left + (plot->right - plot->left) * (double)column / (PLOT_WIDTH - 1);
        double y = roof_at(plot, x);
        if (y >= plot->bottom)
            put_mark(plot, x, y, y < log10(plot->peak) ? '.' : '-');
    }
}

static void frame(struct plot *plot, double x, double mine, double base) {
    double ridge = log10(plot->peak / plot->bandwidth);
    plot->left = floor(fmin(x, ridge) - 0.5);
    plot->right = ceil(fmax(x, ridge) + 0.5);
    plot->top = fmax(log10(plot->peak), fmax(mine, base)) + 0.1;
    plot->bottom = fmin(fmin(mine, base), log10(plot->peak) - 1) - 0.2;
}

static void put_plot(const struct screen *screen, const struct plot *plot) {
    char low[FORMAT_SIZE], high[FORMAT_SIZE];
    screen_line(screen, "  GFLOP/s");
    for (size_t row = 0; row < PLOT_HEIGHT; row++) {
        double y = plot->top - (plot->top - plot->bottom) * (double)row / (PLOT_HEIGHT - 1);
        if (row % 2 == 0)
            screen_line(screen, " %7.3g |%s", pow(10, y), plot->cell[row]);
        else
            screen_line(screen, "         |%s", plot->cell[row]);
    }
    screen_line(screen, "         +%.*s", PLOT_WIDTH, "--------------------------------------------------------");
    snprintf(low, sizeof low, "%.3g", pow(10, plot->left));
    snprintf(high, sizeof high, "%.3g flop/byte", pow(10, plot->right));
    screen_line(screen, "          %s%*s", low, (int)(PLOT_WIDTH - strlen(low)), high);
}

void report_roofline(const struct screen *screen, const struct grade *grade) {
    const struct grade_timing *t = case_to_draw(grade);
    const struct machine_roof *roof = &grade->machine.roof;
    if (t == NULL || !roof->known || !(roof->fma_gflops > 0) || !(bandwidth_for(roof, t) > 0))
        return;
    struct plot plot = {0};
    plot.peak = roof->fma_gflops * (t->threads > 1 ? (double)t->threads : 1);
    plot.bandwidth = bandwidth_for(roof, t);
    double x = log10(t->gflops / t->gbps), mine = log10(t->gflops);
    double base = log10(t->gflops / t->estimate.ratio);
    frame(&plot, x, mine, base);
    draw_roof(&plot);
    put_mark(&plot, x, base, 'o');
    put_mark(&plot, x, mine, '*');
    screen_line(screen, "%s", "");
    put_plot(screen, &plot);
    screen_line(screen, "  * yours   o reference   - peak of %s   . memory bandwidth",
                t->threads > 1 ? "these cores" : "one core");
}
