/* SPDX-License-Identifier: MIT */
/* make-telemetry public|public-hard|hidden|hidden-hard FILE: labelled runs for the diagnosis of training runs. Rows are
 * made on all processors; each depends on its own number alone. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datasets/data_file.h"
#include "datasets/telemetry_run.h"

struct set {
    const char *name;
    uint64_t seed;
    size_t rows;
    struct run_plan (*plan)(size_t row);
};

/* Row r is of family r modulo 28, so that any first rows are of all kinds; rows from 56 on are healthy ones. */
static struct run_plan plan_public(size_t row) {
    size_t family = row < 2 * RUN_FAMILIES ? row % RUN_FAMILIES : (row - 2 * RUN_FAMILIES) % 3;
    return (struct run_plan){.fault = {run_family((int32_t)family)}};
}

static struct run_plan plan_hidden(size_t row) {
    return (struct run_plan){.fault = {run_family((int32_t)(row % RUN_FAMILIES))}};
}

/* Faults of two kinds, the second 10 to 30 steps behind the first. */
static const struct {
    const char *first, *second;
} pairs[] = {
    {"stale_shard", "rate_x10"},
    {"garbage_one_shard", "lost_moment"},
    {"rate_x10", "garbage_bucket"},
    {"flipped_weight", "padding"},
    {"dropped_shard", "rate_x30"},
    {"lost_moment", "dropped_shard"},
    {"not_zeroed", "flipped_gradient"},
    {"padding", "stale_shard"},
    {"garbage_bucket", "not_zeroed"},
    {"rate_x30", "wrong_compute"},
    {"target_shift_one_shard", "rate_x10"},
    {"flipped_gradient", "garbage_all_shards"},
};

static const struct {
    const char *name;
    double amplitude;
    int64_t duration;
} faint[] = {
    {"rate_x10", 3, 0},          {"garbage_bucket", 3, 0}, {"wrong_compute", 3, 0},
    {"garbage_one_shard", 0, 2}, {"padding", 0, 2},        {"decay_sign", -3, 0},
};

enum { PAIRS = sizeof pairs / sizeof pairs[0], FAINT = sizeof faint / sizeof faint[0] };

static struct run_plan plan_hard(size_t row) {
    size_t k = row / 2;
    if (row % 2 == 0)
        return (struct run_plan){.fault = {faults_find(pairs[k % PAIRS].first), faults_find(pairs[k % PAIRS].second)},
                                 .tier = TIER_TWO_FAULTS};
    return (struct run_plan){.fault = {faults_find(faint[k % FAINT].name)},
                             .amplitude = faint[k % FAINT].amplitude,
                             .duration = faint[k % FAINT].duration,
                             .tier = TIER_FAINT};
}

static const struct set sets[] = {
    {"public", UINT64_C(0x9d1a6c0500000000), 64, plan_public},
    {"public-hard", UINT64_C(0x71f0c38e00000000), 24, plan_hard},
    {"hidden", UINT64_C(0x35b7e2f100000000), 6 * RUN_FAMILIES, plan_hidden},
    {"hidden-hard", UINT64_C(0xc482907b00000000), 24, plan_hard},
};

/* The rows that are made, and what the threads share. */
struct work {
    const struct set *set;
    struct run_row *row;
    atomic_size_t next;
    _Atomic(const char *) why; /* the first thing that went wrong */
    atomic_size_t failed;      /* the row it was in */
};

static void *make_rows(void *argument) {
    struct work *work = argument;
    for (size_t r; !work->why && (r = atomic_fetch_add(&work->next, 1)) < work->set->rows;) {
        struct run_plan plan = work->set->plan(r);
        const char *why = NULL;
        plan.seed = work->set->seed + ((uint64_t)r << 8);
        if (run_make(&plan, &work->row[r], &why) != 0) {
            work->failed = r;
            work->why = why;
        }
    }
    return NULL;
}

/* The calling thread works too, so it does not matter how many others could be started. */
static void make_all(struct work *work) {
    enum { THREADS_MAX = 64 };
    pthread_t thread[THREADS_MAX];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t started = 0;
    while ((long)started < processors - 1 && started < THREADS_MAX &&
           pthread_create(&thread[started], NULL, make_rows, work) == 0)
        started++;
    make_rows(work);
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(thread[i], NULL);
}

/* From rows to fields. */
static int write_rows(const char *path, const struct run_row *row, size_t rows) {
    struct {
        float (*record)[RUN_STEPS][RUN_COLUMNS];
        int32_t (*crc)[RUN_STEPS][CRC_KINDS][RUN_SHARDS][RUN_GROUPS], (*label)[LABEL_COLUMNS];
    } all = {malloc(rows * sizeof row->record), malloc(rows * sizeof row->crc), malloc(rows * sizeof row->label)};
    int result = -1;
    if (!all.record || !all.crc || !all.label)
        goto out;
    for (size_t r = 0; r < rows; r++) {
        memcpy(all.record[r], row[r].record, sizeof row[r].record);
        memcpy(all.crc[r], row[r].crc, sizeof row[r].crc);
        memcpy(all.label[r], row[r].label, sizeof row[r].label);
    }
    const struct data_field field[] = {
        {"records", "f32", sizeof(float), 2, {RUN_STEPS, RUN_COLUMNS}, all.record},
        {"crc", "i32", sizeof(int32_t), 4, {RUN_STEPS, CRC_KINDS, RUN_SHARDS, RUN_GROUPS}, all.crc},
        {"label", "i32", sizeof(int32_t), 1, {LABEL_COLUMNS}, all.label},
    };
    result = data_file_write(path, rows, field, sizeof field / sizeof field[0]);
out:
    free(all.record);
    free(all.crc);
    free(all.label);
    return result;
}

static int make(const struct set *set, const char *path) {
    struct work work = {.set = set, .row = calloc(set->rows, sizeof *work.row)};
    int result = -1;
    if (!work.row) {
        perror(path);
        return -1;
    }
    make_all(&work);
    if (work.why)
        fprintf(stderr, "%s: row %zu: %s\n", path, (size_t)work.failed, work.why);
    else if ((result = write_rows(path, work.row, set->rows)) != 0)
        perror(path);
    free(work.row);
    return result;
}

int main(int count, char **argument) {
    for (size_t i = 0; count == 3 && i < sizeof sets / sizeof sets[0]; i++)
        if (!strcmp(argument[1], sets[i].name))
            return make(&sets[i], argument[2]) == 0 ? 0 : 1;
    fputs("usage: make-telemetry public|public-hard|hidden|hidden-hard FILE\n", stderr);
    return 2;
}
