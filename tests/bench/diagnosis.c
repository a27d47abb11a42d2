/* SPDX-License-Identifier: MIT */
/* How good are the rules of reference/diagnosis.h on runs that nobody has seen? Makes runs with seeds of their own:
 * healthy ones, in which every finding at any prefix is a false alarm, and some of each family of faults. A figure to
 * record, and with small numbers a slow test. Ends with 1 if more than one healthy run in twenty is accused, or fewer
 * than three faults in four are named.
 *
 *   build/tests/bench_diagnosis [HEALTHY [OF_EACH_FAMILY [SEED]]] */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "datasets/telemetry_run.h"
#include "reference/diagnosis.h"

enum { MASKS = 3, PREFIX = 5 };

static const struct {
    const char *name;
    bool crc, update;
} masks[MASKS] = {{"all fields", true, true}, {"no checksums", false, true}, {"no updates", true, false}};

struct tally {
    size_t runs;
    size_t right[MASKS];   /* the cause, when all is shown */
    size_t accused[MASKS]; /* said to be faulty while it was not, at any prefix */
    size_t placed[MASKS];  /* of the right ones: step within 5, shard and group exact */
};

static void hide_updates(const struct run_row *row, float (*record)[RUN_COLUMNS]) {
    for (size_t t = 0; t < RUN_STEPS; t++)
        for (size_t c = 0; c < RUN_COLUMNS; c++)
            record[t][c] = c >= TRACE_UN && c < TRACE_ACT_MAX ? 0 : row->record[t][c];
}

static void judge(const struct run_row *row, const float *record, size_t m, struct tally *tally) {
    static const int32_t no_crc[RUN_STEPS][CRC_KINDS * RUN_SHARDS * RUN_GROUPS];
    const int32_t *label = row->label;
    struct trace trace = {.record = record,
                          .crc = masks[m].crc ? &row->crc[0][0][0][0] : &no_crc[0][0],
                          .runs = 1,
                          .has_crc = masks[m].crc,
                          .has_update = masks[m].update};
    struct diagnosis d = {.cause = CAUSE_NONE};
    bool accused = false;
    for (trace.steps = PREFIX; trace.steps <= RUN_STEPS; trace.steps += PREFIX) {
        bool faulty = label[LABEL_CAUSE] != CAUSE_NONE && (size_t)label[LABEL_FIRST_STEP] < trace.steps;
        diagnosis_make(&trace, &d);
        accused = accused || (!faulty && d.cause != CAUSE_NONE);
    }
    tally->accused[m] += accused;
    if (d.cause != label[LABEL_CAUSE])
        return;
    tally->right[m]++;
    tally->placed[m] += abs(d.first_step - label[LABEL_FIRST_STEP]) <= 5 && d.shard == label[LABEL_SHARD] &&
                        d.group == label[LABEL_GROUP];
}

static int add_run(int32_t family, uint64_t seed, struct run_row *row, struct tally *tally) {
    static float hidden[RUN_STEPS][RUN_COLUMNS];
    const struct run_plan plan = {.fault = {run_family(family)}, .seed = seed};
    const char *why = NULL;
    if (run_make(&plan, row, &why) != 0) {
        fprintf(stderr, "family %d: %s\n", (int)family, why);
        return -1;
    }
    hide_updates(row, hidden);
    tally->runs++;
    for (size_t m = 0; m < MASKS; m++)
        judge(row, masks[m].update ? row->record[0] : hidden[0], m, tally);
    return 0;
}

static void add(struct tally *sum, const struct tally *part) {
    sum->runs += part->runs;
    for (size_t m = 0; m < MASKS; m++) {
        sum->right[m] += part->right[m];
        sum->accused[m] += part->accused[m];
        sum->placed[m] += part->placed[m];
    }
}

static void show(const char *name, const struct tally *tally) {
    printf("%-24s %5zu", name, tally->runs);
    for (size_t m = 0; m < MASKS; m++)
        printf("   %5zu %5zu %5zu", tally->right[m], tally->placed[m], tally->accused[m]);
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv) {
    const size_t healthy = argc > 1 ? strtoull(argv[1], NULL, 10) : 60;
    const size_t each = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    const uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 0x6b1d;
    struct tally sound = {0}, faulty = {0};
    struct run_row *row = malloc(sizeof *row);
    int status = row != NULL ? 0 : 1;
    printf("%-24s %5s", "", "runs");
    for (size_t m = 0; m < MASKS; m++)
        printf("   %-17s", masks[m].name);
    printf("\n%-24s %5s   right  placed false  right  placed false  right  placed false\n", "", "");
    for (int32_t f = 0; f < RUN_FAMILIES && status == 0; f++) {
        const bool clean = run_family(f)->class == FAULT_NONE;
        const size_t runs = clean ? (healthy + 2 - (size_t)f) / 3 : each;
        struct tally tally = {0};
        for (size_t i = 0; i < runs && status == 0; i++)
            status = add_run(f, seed << 40 | (uint64_t)f << 32 | (uint64_t)i << 8, row, &tally) != 0;
        show(run_family(f)->name, &tally);
        add(clean ? &sound : &faulty, &tally);
    }
    show("all healthy runs", &sound);
    show("all faulty runs", &faulty);
    free(row);
    for (size_t m = 0; m < MASKS; m++)
        if (20 * sound.accused[m] > sound.runs || 4 * faulty.right[m] < 3 * faulty.runs)
            status = 1;
    return status;
}
