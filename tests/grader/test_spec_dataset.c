/* SPDX-License-Identifier: MIT */
/* Fills that take rows of a data file, as challenge.json says them: which file is found, and what does not fit. */
#include <check.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/spec.h"
#include "tests/grader/dataset_sample.h"

static char root[64], folder[PATH_MAX]; /* a folder is called as its pack */
static char sample[PATH_MAX + 64], hidden_sample[PATH_MAX + 64];

static void write_text(const char *name, const char *text) {
    char path[PATH_MAX + 64];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    (void)fclose(file);
}

static void make_folder(void) {
    strcpy(root, "/tmp/test_spec_dataset_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(folder, sizeof folder, "%s/rows", root);
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    snprintf(sample, sizeof sample, "%s/runs.bin", folder);
    snprintf(hidden_sample, sizeof hidden_sample, "%s/hidden-runs.bin", folder);
    sample_write(sample);
    sample_write(hidden_sample);
    for (size_t i = 0; i < 4; i++)
        write_text(((const char *[]){"README.md", "reference.c", "starter.c", "rows.h"})[i], "");
}

static void remove_folder(void) {
    static const char *const names[] = {"README.md",      "reference.c", "starter.c", "rows.h",
                                        "challenge.json", "hidden.json", "runs.bin",  "hidden-runs.bin"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[PATH_MAX + 64];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
    (void)rmdir(root);
}

/* A pack with one input x of this type, shape and fill, and n = 8. */
static void write_pack(const char *type, const char *shape, const char *fill) {
    char text[4000];

    snprintf(text, sizeof text,
             "{ \"spec\": 1, \"id\": \"rows\", \"version\": \"1.0\", \"title\": \"t\", \"summary\": \"s\", "
             "\"track\": \"kernels\", \"difficulty\": \"easy\", \"minutes\": 1, \"bound\": \"compute\", \"entries\": ["
             "{ \"name\": \"rows\", \"arguments\": ["
             "{ \"name\": \"n\", \"role\": \"size\", \"type\": \"i32\", \"min\": 0, \"max\": 1000 },"
             "{ \"name\": \"x\", \"role\": \"input\", \"type\": \"%s\", \"shape\": %s, \"fill\": %s },"
             "{ \"name\": \"y\", \"role\": \"output\", \"type\": \"i32\", \"shape\": [\"n\"], "
             "\"tolerance\": { \"rule\": \"exact\" } } ] } ],"
             "\"cases\": [ { \"name\": \"one\", \"catches\": \"c\", \"sizes\": { \"n\": 8 } } ],"
             "\"scoring\": { \"correct\": 1, \"speed\": 0 },"
             "\"limits\": { \"call_ms\": 1000, \"memory_mib\": 64, \"stack_kib\": 8192, \"binary_kib\": 1024 },"
             "\"libraries\": [\"m\"] }",
             type, shape, fill);
    write_text("challenge.json", text);
}

#define FILL(file, field, more) "{ \"kind\": \"dataset\", \"file\": \"" file "\", \"field\": \"" field "\"" more " }"

static void must_fail(const char *words) {
    struct spec *spec = NULL;
    struct error err = {0};

    ck_assert_int_eq(spec_load(folder, &spec, &err), -1);
    ck_assert_ptr_null(spec);
    ck_assert_int_eq(err.owner, ERROR_CHALLENGE);
    ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
}

static struct spec *must_load(void) {
    struct spec *spec = NULL;
    struct error err = {0};

    ck_assert_msg(spec_load(folder, &spec, &err) == 0, "%s", err.text);
    return spec;
}

START_TEST(a_file_of_the_pack) {
    write_pack("f32", "[\"n\", 3, 5]", FILL("runs.bin", "records", ""));
    struct spec *spec = must_load();
    const struct fill *fill = &spec->cases[0].fill[1];
    ck_assert_uint_eq(spec->dataset_count, 1);
    ck_assert_str_eq(spec->dataset[0]->path, sample);
    ck_assert(fill->kind == FILL_DATASET && fill->dataset == spec->dataset[0] && fill->drawn);
    ck_assert_str_eq(fill->field->name, "records");
    spec_free(spec);
    write_pack("f32", "[\"n\"]", FILL("runs.bin", "number", ", \"rows\": \"first\""));
    spec = must_load();
    ck_assert(!spec->cases[0].fill[1].drawn);
    spec_free(spec);
}
END_TEST

/* What the build has put beside the harness. */
START_TEST(a_file_of_the_harness) {
    write_pack("u8", "[\"n/2\", 36864]", FILL("corpus-train.bin", "tokens", ""));
    struct spec *spec = must_load();
    ck_assert_ptr_nonnull(strstr(spec->dataset[0]->path, "/datasets/corpus-train.bin"));
    ck_assert_uint_eq(spec->dataset[0]->rows, 4);
    spec_free(spec);
}
END_TEST

static const struct {
    const char *type, *shape, *fill, *words;
} wrong[] = {
    {"f32", "[\"n\", 3, 5]", FILL("rums.bin", "records", ""), "neither in the challenge's folder nor in /"},
    {"f32", "[\"n\", 3, 5]", FILL("..", "records", ""), "cannot be read"},
    {"f32", "[\"n\", 3, 5]", FILL("starter.c", "records", ""), "not a data file of the harness"},
    {"f32", "[\"n\", 3, 5]", FILL("runs.bin", "recorts", ""), "no such field; its first is 'records'"},
    {"f64", "[\"n\", 3, 5]", FILL("runs.bin", "records", ""), "is f32 in 'runs.bin', but 'x' is f64"},
    {"f32", "[\"n\", 5, 3]", FILL("runs.bin", "records", ""),
     "rows are [3][5] in 'runs.bin', but those of 'x' in "
     "case 'one' are [5][3]"},
    {"f32", "[\"n\"]", FILL("runs.bin", "records", ""), "in case 'one' are one number"},
    {"i32", "[\"n\", 1]", FILL("runs.bin", "label", ""), "rows are one number in 'runs.bin'"},
    {"i32", "[\"6*n\"]", FILL("runs.bin", "label", ""), "has 41 rows, but 'x' takes 48 in case 'one'"},
    {"i32", "[\"n\"]", FILL("hidden-runs.bin", "label", ""), "is not a hidden one"},
    {"i32", "[\"n\"]", FILL("../runs.bin", "label", ""), "/fill/file is '../runs.bin'"},
    {"i32", "[\"n\"]", FILL("runs.bin", "label", ", \"rows\": \"last\""), "/fill/rows is 'last'"},
    {"i32", "[\"n\"]", FILL("runs.bin", "label", ", \"sd\": 1"), "/fill/sd is not a known key"},
    {"i32", "[\"n\"]", "{ \"kind\": \"dataset\", \"file\": \"runs.bin\" }", "has no 'field'"},
};

START_TEST(what_does_not_fit) {
    write_pack(wrong[_i].type, wrong[_i].shape, wrong[_i].fill);
    must_fail(wrong[_i].words);
}
END_TEST

/* The hidden file belongs to hidden cases, and the same rows serve public and hidden cases of one file. */
START_TEST(hidden_data) {
    static const char hidden[] =
        "{ \"spec\": 1, \"id\": \"rows\", \"cases\": [ { \"name\": \"h\", \"catches\": \"c\", \"sizes\": { \"n\": 9 }, "
        "\"fill\": { \"x\": " FILL("hidden-runs.bin", "label", "") " } } ] }";
    write_pack("i32", "[\"n\"]", FILL("runs.bin", "label", ""));
    write_text("hidden.json", hidden);
    struct spec *spec = must_load();
    ck_assert_uint_eq(spec->dataset_count, 2);
    ck_assert_str_eq(spec->cases[1].fill[1].dataset->path, hidden_sample);
    spec_free(spec);
    ck_assert_int_eq(unlink(hidden_sample), 0);
    must_fail("is 'hidden-runs.bin', which is neither in");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("spec_dataset");
    TCase *tests = tcase_create("spec_dataset");

    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    tcase_add_test(tests, a_file_of_the_pack);
    tcase_add_test(tests, a_file_of_the_harness);
    tcase_add_loop_test(tests, what_does_not_fit, 0, sizeof wrong / sizeof *wrong);
    tcase_add_test(tests, hidden_data);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
