/* SPDX-License-Identifier: MIT */
/* See standing.h. */
#include "harness/store/standing.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/format.h"
#include "harness/heap.h"
#include "harness/outcome.h"

/* Two runs of one program differ by this much for reasons that neither interval has seen: where its pages lie, for
 * example. */
#define NOISE 0.01

enum course { SLOWER, EVEN, FASTER };

/* Stated and negated: a number that is not there is even. */
static enum course course_of(double change, double low, double high) {
    if (low > 1 && change > 1 + NOISE)
        return FASTER;
    if (high < 1 && change < 1 - NOISE)
        return SLOWER;
    return EVEN;
}

/* "11.2 % faster than your last run [9.8, 12.5]"; a large change is a factor. */
static void put_change(FILE *out, double change, double low, double high, const char *than) {
    enum { LARGE = 2 };
    char ratio[FORMAT_SIZE], from[FORMAT_SIZE], to[FORMAT_SIZE];
    enum course course = course_of(change, low, high);
    bool factor = change >= LARGE || change * LARGE <= 1;
    if (factor) {
        format_ratio(from, low);
        format_ratio(to, high);
        from[strcspn(from, "x")] = to[strcspn(to, "x")] = '\0'; /* one x is enough */
    }
    if (course == EVEN)
        fprintf(out, "within noise of %s", than);
    else if (factor)
        fprintf(out, "%s %s %s [%s, %s]", format_ratio(ratio, change), course == FASTER ? "as fast as" : "the speed of",
                than, from, to);
    else if (course == FASTER)
        fprintf(out, "%.1f %% faster than %s [%.1f, %.1f]", 100 * (change - 1), than, 100 * (low - 1),
                100 * (high - 1));
    else
        fprintf(out, "%.1f %% slower than %s [%.1f, %.1f]", 100 * (1 - change), than, 100 * (1 - high),
                100 * (1 - low));
}

static void put_best(FILE *out, const struct store_standing *s, const char *whose) {
    enum course course = course_of(s->best_change, s->best_low, s->best_high);
    if (course == FASTER) {
        fputs("; best so far", out);
        return;
    }
    if (s->best == s->last)
        return;
    char *than = heap_format("%s best, run %" PRId64, whose, s->best);
    fputs("; ", out);
    put_change(out, s->best_change, s->best_low, s->best_high, than);
    free(than);
}

static void put_stranger(FILE *out, const struct store_standing *s, const char *whose) {
    static const char *const WHY[] = {
        [STORE_SAME] = "",
        [STORE_OTHER_CPU] = "was on another machine (CPU)",
        [STORE_OTHER_CORES] = "was on another machine (number of cores)",
        [STORE_OTHER_LEVEL] = "was in a sandbox of another level",
        [STORE_OTHER_VERSION] = "was of another version of the challenge",
        [STORE_OTHER_TIMING] = "timed other cases",
    };
    fprintf(out, "%s last run, run %" PRId64 ", %s: speeds are not compared\n", whose, s->stranger, WHY[s->why]);
}

char *standing_words(const struct store_standing *s, const struct result *now, const char *whose) {
    struct heap_text into;
    heap_text_open(&into);
    const bool timed = now->ratio > 0 && (now->verdict == VERDICT_PASSED || now->verdict == VERDICT_TOO_SLOW);
    if (timed && s->stranger != 0)
        put_stranger(into.stream, s, whose);
    if (timed && s->last != 0) {
        char *than = s->stranger != 0 ? heap_format("%s last run here, run %" PRId64, whose, s->last)
                                      : heap_format("%s last run", whose);
        put_change(into.stream, s->last_change, s->last_low, s->last_high, than);
        put_best(into.stream, s, whose);
        fputc('\n', into.stream);
        free(than);
    }
    if (outcome_of(now->verdict)->exit == EXIT_NOT_ACCEPTED && s->most_points != 0 && s->best_points > now->points)
        fprintf(into.stream, "%s best so far is run %" PRId64 " with %.4g points\n", whose, s->most_points,
                s->best_points);
    return heap_text_take(&into, NULL);
}
