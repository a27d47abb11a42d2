/* SPDX-License-Identifier: MIT */
/* A data file of ROWS rows, written by the writer of datasets/ into a scratch folder. Row r of every field says r. */
#ifndef TESTS_GRADER_DATASET_SAMPLE_H
#define TESTS_GRADER_DATASET_SAMPLE_H

#include <check.h>
#include <stdint.h>
#include <stdio.h>

#include "datasets/data_file.h"

enum { SAMPLE_ROWS = 41, SAMPLE_STEPS = 3, SAMPLE_COLUMNS = 5 };

static inline void sample_write(const char *path) {
    static float record[SAMPLE_ROWS][SAMPLE_STEPS][SAMPLE_COLUMNS], number[SAMPLE_ROWS];
    static int32_t label[SAMPLE_ROWS];
    static uint8_t token[SAMPLE_ROWS][7];

    for (int r = 0; r < SAMPLE_ROWS; r++) {
        for (int k = 0; k < SAMPLE_STEPS * SAMPLE_COLUMNS; k++)
            record[r][k / SAMPLE_COLUMNS][k % SAMPLE_COLUMNS] = (float)(100 * r + k);
        for (int k = 0; k < 7; k++)
            token[r][k] = (uint8_t)r;
        label[r] = r;
        number[r] = (float)r;
    }
    const struct data_field field[] = {
        {"records", "f32", 4, 2, {SAMPLE_STEPS, SAMPLE_COLUMNS}, record},
        {"label", "i32", 4, 0, {0}, label},
        {"tokens", "u8", 1, 1, {7}, token},
        {"number", "f32", 4, 0, {0}, number},
    };
    ck_assert_int_eq(data_file_write(path, SAMPLE_ROWS, field, sizeof field / sizeof field[0]), 0);
}

#endif
