/* SPDX-License-Identifier: MIT */
/* Data files: what the writer writes is read back, damaged ones are refused with a reason, rows are drawn without
 * replacement, and the tensors of one case get the same rows. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grader/dataset.h"
#include "grader/trial.h"
#include "tests/grader/dataset_sample.h"

static char path[] = "/tmp/test_dataset_XXXXXX";

static void make_file(void) {
    strcpy(path, "/tmp/test_dataset_XXXXXX");
    const int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    (void)close(file);
    sample_write(path);
}

static void remove_file(void) {
    (void)unlink(path);
}

static struct dataset *open_sample(void) {
    struct dataset *dataset = NULL;
    struct error err = {0};

    ck_assert_msg(dataset_open(path, &dataset, &err) == 0, "%s", err.text);
    return dataset;
}

START_TEST(what_was_written) {
    struct dataset *dataset = open_sample();
    const struct dataset_field *records = dataset_find(dataset, "records"), *label = dataset_find(dataset, "label");
    float value[2][SAMPLE_STEPS][SAMPLE_COLUMNS];

    ck_assert_uint_eq(dataset->rows, SAMPLE_ROWS);
    ck_assert_uint_eq(dataset->field_count, 4);
    ck_assert_str_eq(dataset->name, strrchr(path, '/') + 1);
    ck_assert_ptr_null(dataset_find(dataset, "record"));
    ck_assert(records->type == DTYPE_F32 && records->rank == 2 && records->row_bytes == sizeof value[0]);
    ck_assert(records->shape[0] == SAMPLE_STEPS && records->shape[1] == SAMPLE_COLUMNS);
    ck_assert(label->type == DTYPE_I32 && label->rank == 0 && label->row_bytes == 4);
    dataset_copy(dataset, records, NULL, 2, value);
    ck_assert_float_eq(value[0][2][4], 14);
    ck_assert_float_eq(value[1][0][0], 100);
    dataset_close(dataset);
}
END_TEST

/* One change each, and a word of the message. */
static const struct {
    long offset;
    unsigned char byte;
    const char *word;
} damage[] = {
    {0, 'X', "HARNDATA"},         {8, 9, "version"},     {12, 0, "no fields"},     {13, 1, "too many"},
    {16, 200, "beyond its end"},  {24, 1, "its size"},   {32, 0, "no name"},       {64, 'q', "type"},
    {72, 1, "begins where"},      {80, 6, "dimensions"}, {95, 0x80, "impossible"}, {94, 0x7f, "beyond its end"},
    {79, 0x7f, "beyond its end"},
};

START_TEST(damaged_files) {
    struct dataset *dataset;
    struct error err = {0};
    FILE *file = fopen(path, "r+b");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, damage[_i].offset, SEEK_SET), 0);
    ck_assert_int_eq(fputc(damage[_i].byte, file), damage[_i].byte);
    (void)fclose(file);
    ck_assert_int_eq(dataset_open(path, &dataset, &err), -1);
    ck_assert_ptr_null(dataset);
    ck_assert_int_eq(err.owner, ERROR_CHALLENGE);
    ck_assert_msg(strstr(err.text, path) && strstr(err.text, damage[_i].word), "%s", err.text);
}
END_TEST

START_TEST(no_file_at_all) {
    static const long sizes[] = {0, 31, 100, 500};
    struct dataset *dataset;
    struct error err = {0};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ck_assert_int_eq(truncate(path, sizes[i]), 0);
        ck_assert_int_eq(dataset_open(path, &dataset, &err), -1);
    }
    ck_assert_int_eq(dataset_open("/tmp", &dataset, &err), -1);
    ck_assert_int_eq(dataset_open("/tmp/there-is-no-such-file", &dataset, &err), -1);
    ck_assert_msg(strstr(err.text, "No such file") != NULL, "%s", err.text);
    dataset_close(NULL);
}
END_TEST

static const uint64_t row_counts[] = {1, 2, 3, 4, 5, 16, 17, 64, 168, 1000};

START_TEST(no_row_is_drawn_twice) {
    const uint64_t rows = row_counts[_i];
    struct random_stream stream;
    unsigned char seen[1000] = {0};

    dataset_stream(&stream, 5, "case", 0, "runs.bin");
    for (uint64_t i = 0; i < rows; i++) {
        const uint64_t row = dataset_draw(&stream, rows, i);
        ck_assert_uint_lt(row, rows);
        ck_assert_int_eq(seen[row]++, 0);
    }
}
END_TEST

/* Over many seeds each row stands first equally often, and each pair of first rows: chi-squared far from its mean would
 * mean that some runs are never shown. */
START_TEST(rows_are_drawn_evenly) {
    enum { CHOICES = 7, SEEDS = 4200 };
    unsigned pair[CHOICES][CHOICES] = {{0}};
    double statistic = 0, expected = (double)SEEDS / (CHOICES * (CHOICES - 1));

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct random_stream stream;
        dataset_stream(&stream, seed, "case", 0, "runs.bin");
        pair[dataset_draw(&stream, CHOICES, 0)][dataset_draw(&stream, CHOICES, 1)]++;
    }
    for (int a = 0; a < CHOICES; a++)
        for (int b = 0; b < CHOICES; b++)
            if (a != b)
                statistic += (pair[a][b] - expected) * (pair[a][b] - expected) / expected;
    /* 41 degrees of freedom: mean 41, standard deviation 9. */
    ck_assert_msg(statistic > 15 && statistic < 80, "chi-squared %.1f", statistic);
}
END_TEST

enum { RECORDS, LABEL, NUMBER, ARGUMENTS };

static void make_case(const struct dataset *dataset, struct spec *spec, struct spec_case *c) {
    static const char *const field[ARGUMENTS] = {"records", "label", "number"};
    static const size_t rank[ARGUMENTS] = {3, 1, 1};
    static const enum dtype type[ARGUMENTS] = {DTYPE_F32, DTYPE_I32, DTYPE_F32};
    static char name[] = "runs";

    memset(spec, 0, sizeof *spec);
    memset(c, 0, sizeof *c);
    spec->entry_count = 1;
    spec->entry[0].argument_count = ARGUMENTS;
    c->name = name;
    for (size_t a = 0; a < ARGUMENTS; a++) {
        spec->entry[0].argument[a] = (struct spec_argument){.type = type[a],
                                                            .rank = rank[a],
                                                            .role = a == LABEL ? SPEC_SECRET : SPEC_INPUT,
                                                            .carry = SPEC_ARGUMENTS_MAX};
        memcpy(c->shape[a], (int64_t[]){a == NUMBER ? 9 : 20, SAMPLE_STEPS, SAMPLE_COLUMNS}, 3 * sizeof(int64_t));
        c->fill[a] = (struct fill){.kind = FILL_DATASET, .dataset = dataset, .drawn = true};
        c->fill[a].field = dataset_find(dataset, field[a]);
    }
}

START_TEST(tensors_of_a_case_get_the_same_rows) {
    static struct spec spec;
    static struct spec_case c;
    struct dataset *dataset = open_sample();
    struct trial trial;
    struct error err = {0};
    int32_t before[20];

    make_case(dataset, &spec, &c);
    ck_assert_int_eq(trial_init(&trial, &spec, &c, &err), 0);
    trial_fill(&trial, 3, 0);
    const float *records = trial.tensor[RECORDS].data, *number = trial.tensor[NUMBER].data;
    const int32_t *label = trial.tensor[LABEL].data;
    int moved = 0;
    for (int i = 0; i < 20; i++) {
        ck_assert_float_eq(records[i * SAMPLE_STEPS * SAMPLE_COLUMNS + 3], (float)(100 * label[i] + 3));
        ck_assert(i >= 9 || number[i] == (float)label[i]);
        moved += label[i] != i;
    }
    ck_assert_int_gt(moved, 10);
    memcpy(before, label, sizeof before);
    trial_fill(&trial, 3, 1);
    ck_assert_int_ne(memcmp(before, label, sizeof before), 0);
    trial_fill(&trial, 4, 0);
    ck_assert_int_ne(memcmp(before, label, sizeof before), 0);
    trial_fill(&trial, 3, 0);
    ck_assert_int_eq(memcmp(before, label, sizeof before), 0);
    c.fill[LABEL].drawn = false;
    trial_fill(&trial, 3, 0);
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(label[i], i);
    trial_release(&trial);
    dataset_close(dataset);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("dataset");
    TCase *tests = tcase_create("dataset");
    const int damages = sizeof damage / sizeof *damage, counts = sizeof row_counts / sizeof *row_counts;

    tcase_add_checked_fixture(tests, make_file, remove_file);
    tcase_add_test(tests, what_was_written);
    tcase_add_loop_test(tests, damaged_files, 0, damages);
    tcase_add_test(tests, no_file_at_all);
    tcase_add_loop_test(tests, no_row_is_drawn_twice, 0, counts);
    tcase_add_test(tests, rows_are_drawn_evenly);
    tcase_add_test(tests, tensors_of_a_case_get_the_same_rows);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
