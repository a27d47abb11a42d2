/* SPDX-License-Identifier: MIT */
/* The committed corpus is worth training on: the reference trainer reads it from the files, and the loss on the text
 * that no shard has falls far below that of a model which knows word frequencies only, and stays above the floor. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "grader/dataset.h"
#include "grader/locate.h"
#include "reference/gpt.h"
#include "reference/train.h"

enum { STEPS = 150, WINDOWS = 64 };

static struct dataset *open_file(const char *name) {
    char folder[LOCATE_PATH], path[2 * LOCATE_PATH];
    struct dataset *dataset = NULL;
    struct error err = {0};

    ck_assert(locate_datasets(folder));
    snprintf(path, sizeof path, "%s/%s", folder, name);
    ck_assert_msg(dataset_open(path, &dataset, &err) == 0, "%s", err.text);
    return dataset;
}

/* Nats per token of the held-out text under its own frequencies. */
static double unigram_entropy(const uint8_t *token, size_t n) {
    size_t count[256] = {0};
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        count[token[i]]++;
    for (size_t v = 0; v < 256; v++)
        if (count[v] > 0)
            sum -= (double)count[v] / (double)n * log((double)count[v] / (double)n);
    return sum;
}

START_TEST(held_out_loss_falls) {
    struct dataset *train_file = open_file("corpus-train.bin"), *held_out_file = open_file("corpus-held-out.bin");
    const struct dataset_field *text = dataset_find(train_file, "tokens"),
                               *other = dataset_find(held_out_file, "tokens");
    struct train_config config = train_defaults();
    const struct train_data data = {text->data, (size_t)text->shape[0]};
    const size_t n = gpt_parameter_count(&config.dims), held_out = (size_t)other->shape[0];
    real *params = calloc(3 * n, sizeof *params);
    struct train_state state = {.params = params, .m = params + n, .v = params + 2 * n};
    double floor_nats;

    ck_assert_uint_eq(train_file->rows, config.shards);
    memcpy(&floor_nats, dataset_find(held_out_file, "entropy")->data, sizeof floor_nats);
    config.schedule.decay_steps = STEPS;
    struct train *train = train_new(&config, &data);
    ck_assert(params != NULL && train != NULL);
    train_init(&config.dims, 1, params);
    train_start(&config, 1, &state);
    const double before = train_held_out(train, params, other->data, held_out, WINDOWS);
    for (int step = 0; step < STEPS; step++)
        train_step(train, &state, NULL, NULL);
    const double after = train_held_out(train, params, other->data, held_out, WINDOWS);
    const double unigram = unigram_entropy(other->data, held_out);
    printf("held-out loss %.3f -> %.3f in %d steps (frequencies alone %.3f, floor %.3f)\n", before, after, STEPS,
           unigram, floor_nats);
    ck_assert(fabs(before - log(64)) < 0.2);
    ck_assert(after < unigram - 0.5);
    ck_assert(after > floor_nats);
    train_free(train);
    free(params);
    dataset_close(train_file);
    dataset_close(held_out_file);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("corpus_file");
    TCase *tests = tcase_create("corpus_file");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, held_out_loss_falls);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
