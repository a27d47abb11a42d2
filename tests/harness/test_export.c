/* SPDX-License-Identifier: MIT */
/* Where exports go, and what must stay the same from one run to the next. Their contents are looked at by
 * export_test.py. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/export/export_part.h"
#include "harness/export/issue.h"
#include "harness/heap.h"
#include "harness/outcome.h"
#include "tests/harness/fixture.h"

enum { SUMMARY_BYTES = 1 << 20 };

static struct fixture fixture;
static struct result result;
static struct error error;
static char folder[] = "/tmp/harness-export-XXXXXX";

static char *(*const EXPORT[])(const struct export_item *,
                               size_t) = {export_junit,      export_csv,          export_points_csv, export_markdown,
                                          export_gradescope, export_code_quality, export_github,     export_classroom};
enum { EXPORTS = sizeof EXPORT / sizeof EXPORT[0] };

static struct export_item read_fixture(void (*change)(void)) {
    const struct report_look look = {.timing = true};
    if (change != NULL)
        change();
    char *text = report_json(&fixture.item, 1, &look);
    ck_assert_msg(result_of_text(text, strlen(text), "fixture", &result, &error) == 0, "%s", error.text);
    free(text);
    return (struct export_item){"", "", &result};
}

static void make(const char *name) {
    for (const struct fixture_entry *entry = FIXTURE; entry->name != NULL; entry++)
        if (strcmp(entry->name, name) == 0)
            entry->make(&fixture);
}

static char *path_in(const char *name) {
    return heap_format("%s/%s", folder, name);
}

static char *contents(const char *path) {
    struct heap_text into;
    FILE *in = fopen(path, "r");
    ck_assert_ptr_nonnull(in);
    heap_text_open(&into);
    for (int c; (c = fgetc(in)) != EOF;)
        fputc(c, into.stream);
    fclose(in);
    return heap_text_take(&into, NULL);
}

static void open_folder(void) {
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void) {
    char *command = heap_format("rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
    free(command);
}

START_TEST(every_path_is_looked_at) {
    char *good = path_in("a.csv"), *bad = path_in("missing/a.csv");
    const struct options fine = {.csv = good, .markdown = "-"};
    ck_assert_int_eq(export_check(&fine, &error), 0);
    ck_assert(export_takes_stdout(&fine));
    const struct options each[] = {{.json = bad},     {.junit = bad},      {.csv = bad},          {.points_csv = bad},
                                   {.markdown = bad}, {.gradescope = bad}, {.code_quality = bad}, {.json = folder}};
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        ck_assert_int_eq(export_check(&each[i], &error), -1);
        ck_assert_int_eq(error.owner, ERROR_USER);
        ck_assert(!export_takes_stdout(&each[i]));
    }
    const struct options twice = {.gradescope = good, .json = good}, out = {.csv = "-", .junit = "-"};
    ck_assert_int_eq(export_check(&twice, &error), -1);
    ck_assert_msg(strstr(error.text, "--json and --gradescope cannot both go to") != NULL, "%s", error.text);
    ck_assert_int_eq(export_check(&out, &error), -1);
    free(bad);
    free(good);
}
END_TEST

START_TEST(files_are_written) {
    make("wrong_answer");
    const struct export_item item = read_fixture(NULL);
    char *csv = path_in("a.csv"), *junit = path_in("a.xml"), *json = path_in("a.json");
    const struct options options = {.csv = csv, .junit = junit, .json = json};
    ck_assert_int_eq(export_write(&options, &item, 1), 0);
    char *text = contents(csv), *made = export_csv(&item, 1);
    ck_assert_str_eq(text, made);
    free(text);
    free(made);
    text = contents(junit);
    ck_assert(strncmp(text, "<?xml", 5) == 0);
    free(text);
    ck_assert_int_ne(access(json, F_OK), 0); /* somebody else's to write */
    ck_assert_int_eq(export_write(&(struct options){.csv = "/dev/full"}, &item, 1), EXIT_OPERATOR);
    result_release(&result);
    free(csv);
    free(junit);
    free(json);
}
END_TEST

START_TEST(summary_is_appended_and_capped) {
    make("wrong_answer");
    const struct export_item one = read_fixture(NULL);
    enum { MANY = 9000 };
    struct export_item *many = heap_zeroed(MANY, sizeof many[0]);
    for (size_t i = 0; i < MANY; i++)
        many[i] = one;
    char *path = path_in("summary"), *text;
    const struct options options = {.github = true};
    ck_assert_int_eq(setenv("GITHUB_STEP_SUMMARY", path, 1), 0);
    ck_assert_int_eq(export_check(&options, &error), 0);
    ck_assert_int_eq(export_write(&options, &one, 1), 0);
    ck_assert_int_eq(export_write(&options, &one, 1), 0);
    text = contents(path);
    char *made = export_markdown(&one, 1);
    ck_assert_uint_eq(strlen(text), 2 * strlen(made));
    free(text);
    free(made);
    ck_assert_int_eq(export_write(&options, many, MANY), 0);
    text = contents(path);
    ck_assert_uint_le(strlen(text), SUMMARY_BYTES);
    ck_assert_uint_gt(strlen(text), SUMMARY_BYTES / 2);
    ck_assert_ptr_nonnull(strstr(text, "more submissions are not shown"));
    free(text);
    unlink(path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_int_eq(export_check(&options, &error), -1);
    ck_assert_int_eq(export_write(&options, &one, 1), EXIT_OPERATOR);
    unsetenv("GITHUB_STEP_SUMMARY");
    result_release(&result);
    free(many);
    free(path);
}
END_TEST

static void move_and_worsen(void) {
    snprintf(fixture.cases[1].place, sizeof fixture.cases[1].place, "attention_causal.c:77 in attention_row");
    snprintf(fixture.cases[1].detail, sizeof fixture.cases[1].detail, "It read 9 floats past the end of k.");
}

START_TEST(fingerprints_outlive_changes) {
    struct issues before, after;
    make("crashed");
    struct export_item item = read_fixture(NULL);
    issues_find(&item, 1, &before);
    result_release(&result);
    item = read_fixture(move_and_worsen);
    issues_find(&item, 1, &after);
    ck_assert_uint_eq(before.count, 1);
    ck_assert_int_eq(before.issue[0].line, 41);
    ck_assert_int_eq(after.issue[0].line, 77);
    ck_assert_str_eq(before.issue[0].fingerprint, after.issue[0].fingerprint);
    issues_release(&after);
    const struct export_item other = {"gita", "gita/attention-causal", &result};
    issues_find(&other, 1, &after);
    ck_assert_str_ne(before.issue[0].fingerprint, after.issue[0].fingerprint);
    issues_release(&after);
    const struct export_item same[] = {item, item};
    issues_find(same, 2, &after);
    ck_assert_str_eq(after.issue[0].fingerprint, before.issue[0].fingerprint);
    ck_assert_str_ne(after.issue[0].fingerprint, after.issue[1].fingerprint);
    issues_release(&after);
    issues_release(&before);
    result_release(&result);
}
END_TEST

static const struct {
    const char *file, *path;
} PATHS[] = {
    {"a.c", "a.c"},
    {"./week2/.//a.c", "week2/.//a.c"},
    {".//a.c", "a.c"},
    {"/builds/class/repo/week2/a.c", "week2/a.c"},
    {"/builds/class/repository/a.c", "/builds/class/repository/a.c"},
    {"../a.c", "../a.c"},
};

START_TEST(paths_begin_at_the_repository) {
    struct issues issues;
    make("crashed");
    fixture.item.file = fixture.grade.file = (char *)PATHS[_i].file;
    ck_assert_int_eq(setenv("CI_PROJECT_DIR", "/builds/class/repo/", 1), 0);
    const struct export_item item = read_fixture(NULL);
    issues_find(&item, 1, &issues);
    ck_assert_str_eq(issues.issue[0].path, PATHS[_i].path);
    issues_release(&issues);
    result_release(&result);
    unsetenv("CI_PROJECT_DIR");
}
END_TEST

START_TEST(machines_are_told_apart) {
    struct result other;
    make("passed");
    read_fixture(NULL);
    other = result;
    const struct export_item item[] = {{"", "", &result}, {"", "", &other}};
    ck_assert_uint_eq(export_machines(item, 2), 1);
    other.cpu = "Another CPU";
    ck_assert_uint_eq(export_machines(item, 2), 2);
    char *text = export_markdown(item, 2);
    ck_assert_ptr_nonnull(strstr(text, "measured on 2 different machines"));
    free(text);
    other.cpu = result.cpu;
    other.level = 'C';
    ck_assert_uint_eq(export_machines(item, 2), 2);
    other.ratio = 0;
    ck_assert_uint_eq(export_machines(item, 2), 1);
    result_release(&result);
}
END_TEST

/* Every export says the same of a result that holds only what exports read. */
START_TEST(trimmed_results_are_enough) {
    struct result whole;
    for (const struct fixture_entry *entry = FIXTURE; entry->name != NULL; entry++) {
        entry->make(&fixture);
        read_fixture(NULL);
        whole = result;
        read_fixture(NULL);
        result_trim(&result);
        const struct export_item before = {"gita", "gita/x", &whole}, after = {"gita", "gita/x", &result};
        for (size_t i = 0; i < EXPORTS; i++) {
            char *expected = EXPORT[i](&before, 1), *got = EXPORT[i](&after, 1);
            ck_assert_str_eq(got, expected);
            free(got);
            free(expected);
        }
        result_release(&whole);
        result_release(&result);
    }
}
END_TEST

START_TEST(nothing_at_all) {
    for (size_t i = 0; i < EXPORTS; i++)
        free(EXPORT[i](NULL, 0));
    ck_assert_int_eq(export_write(&(struct options){0}, NULL, 0), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("export");
    TCase *tcase = tcase_create("export");
    tcase_add_checked_fixture(tcase, open_folder, remove_folder);
    tcase_add_test(tcase, every_path_is_looked_at);
    tcase_add_test(tcase, files_are_written);
    tcase_add_test(tcase, summary_is_appended_and_capped);
    tcase_add_test(tcase, fingerprints_outlive_changes);
    tcase_add_loop_test(tcase, paths_begin_at_the_repository, 0, sizeof PATHS / sizeof PATHS[0]);
    tcase_add_test(tcase, machines_are_told_apart);
    tcase_add_test(tcase, trimmed_results_are_enough);
    tcase_add_test(tcase, nothing_at_all);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
