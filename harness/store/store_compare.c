/* SPDX-License-Identifier: MIT */
/* How a result stands among the earlier ones: what may be compared, and by how much the speed has changed. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/heap.h"
#include "harness/store/store_driver.h"

/* What decides whether two speeds can be compared, and the speed. */
struct pace {
    int64_t number, cores;
    char *task, *challenge, *person, *version, *timed, *level, *cpu;
    enum verdict verdict;
    double points, ratio, low, high;
};

/* In the order of take_pace(). */
#define COLUMNS                                                                                                        \
    "r.number, m.cores, r.task, r.challenge, r.person, r.challenge_version, r.timed, r.level, m.cpu, r.verdict, "      \
    "r.points, r.ratio, r.ratio_low, r.ratio_high"
#define TABLES "result r JOIN machine m ON m.machine_id = r.machine_id"
enum { COLUMN_COUNT = 14 };

static char *own(const struct store_value *value) {
    return heap_format("%s", value->text != NULL ? value->text : "");
}

static void take_pace(const struct store_value *column, struct pace *pace) {
    *pace = (struct pace){.number = column[0].integer,
                          .cores = column[1].integer,
                          .task = own(&column[2]),
                          .challenge = own(&column[3]),
                          .person = own(&column[4]),
                          .version = own(&column[5]),
                          .timed = own(&column[6]),
                          .level = own(&column[7]),
                          .cpu = own(&column[8]),
                          .verdict = verdict_from_code(column[9].text != NULL ? column[9].text : ""),
                          .points = column[10].real,
                          .ratio = column[11].real,
                          .low = column[12].real,
                          .high = column[13].real};
}

static void pace_release(struct pace *pace) {
    char *const text[] = {pace->task,  pace->challenge, pace->person, pace->version,
                          pace->timed, pace->level,     pace->cpu};
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
        free(text[i]);
}

/* An unstable time is no time, and that of a wrong answer is worth nothing. */
static bool was_timed(const struct pace *pace) {
    return (pace->verdict == VERDICT_PASSED || pace->verdict == VERDICT_TOO_SLOW) && pace->ratio > 0 && pace->low > 0 &&
           pace->high > 0 && isfinite(pace->high);
}

static enum store_difference difference(const struct pace *now, const struct pace *then) {
    return strcmp(now->cpu, then->cpu) != 0           ? STORE_OTHER_CPU
           : now->cores != then->cores                ? STORE_OTHER_CORES
           : strcmp(now->level, then->level) != 0     ? STORE_OTHER_LEVEL
           : strcmp(now->version, then->version) != 0 ? STORE_OTHER_VERSION
           : strcmp(now->timed, then->timed) != 0     ? STORE_OTHER_TIMING
                                                      : STORE_SAME;
}

struct comparison {
    struct pace now;
    bool found;
    struct pace best; /* its texts are gone */
    struct store_standing *standing;
};

static void see_points(struct store_standing *standing, const struct pace *then) {
    if (isnan(then->points))
        return;
    if (isnan(standing->last_points))
        standing->last_points = then->points;
    if (isnan(standing->best_points) || then->points >= standing->best_points) {
        standing->best_points = then->points;
        standing->most_points = then->number;
    }
}

/* The interval is the widest that both intervals allow: two runs differ by more than each one's own noise. */
static void see_speed(struct comparison *comparison, const struct pace *then) {
    struct store_standing *standing = comparison->standing;
    const struct pace *now = &comparison->now;
    if (!was_timed(then))
        return;
    enum store_difference why = difference(now, then);
    if (why != STORE_SAME) {
        standing->elsewhere++;
        if (standing->last == 0 && standing->stranger == 0) {
            standing->stranger = then->number;
            standing->why = why;
        }
        return;
    }
    if (!was_timed(now))
        return;
    if (standing->last == 0) {
        standing->last = then->number;
        standing->last_change = now->ratio / then->ratio;
        standing->last_low = now->low / then->high;
        standing->last_high = now->high / then->low;
    }
    if (standing->best == 0 || then->ratio >= comparison->best.ratio) {
        comparison->best = *then;
        standing->best = then->number;
        standing->best_change = now->ratio / then->ratio;
        standing->best_low = now->low / then->high;
        standing->best_high = now->high / then->low;
    }
}

static int see_now(void *context, const struct store_value *column, size_t count) {
    struct comparison *comparison = context;
    if (count < COLUMN_COUNT)
        return 1;
    take_pace(column, &comparison->now);
    comparison->found = true;
    return 1;
}

static int see_then(void *context, const struct store_value *column, size_t count) {
    struct comparison *comparison = context;
    struct pace then;
    if (count < COLUMN_COUNT)
        return 1;
    take_pace(column, &then);
    see_points(comparison->standing, &then);
    see_speed(comparison, &then);
    pace_release(&then);
    return 0;
}

int store_compare(struct store *store, int64_t number, struct store_standing *standing, struct error *err) {
    struct comparison comparison = {.standing = standing};
    const struct store_value which = STORE_I(number);
    *standing = (struct store_standing){.last_points = NAN, .best_points = NAN};
    if (store_run(store, "SELECT " COLUMNS " FROM " TABLES " WHERE r.number = $1", &which, 1, see_now, &comparison,
                  err) != 0)
        return -1;
    if (!comparison.found)
        return 0;
    const struct pace *now = &comparison.now;
    const struct store_value value[] = {which, STORE_T(now->task), STORE_T(now->challenge), STORE_T(now->person)};
    int status = store_run(store,
                           "SELECT " COLUMNS " FROM " TABLES "\n"
                           "WHERE r.number < $1 AND r.task = $2 AND r.challenge = $3 AND r.person = $4\n"
                           "ORDER BY r.number DESC",
                           value, sizeof value / sizeof value[0], see_then, &comparison, err);
    pace_release(&comparison.now);
    return status;
}
