/* SPDX-License-Identifier: MIT */
/* A merge takes a whole run and nothing else. */
#include <stdarg.h>

#include "batch_place.h"
#include "harness/batch/merge.h"
#include "harness/report.h"
#include "harness/result/sign.h"

enum { SHARDS = 3, PEOPLE = 7 };

static struct submissions list;
static struct options options;
static struct merged merged;
static struct sign_key key;
static bool sign;

static char *result_of(const struct plan_task *task) {
    struct report_item item = {.file = task->shown, .challenge = task->challenge};
    error_set(&item.error, ERROR_USER, "Nobody graded this.");
    return report_json(&item, 1, &(struct report_look){0});
}

static void publish(const char *results, const struct plan *plan, size_t i, const char *host) {
    const struct plan_task *task = &plan->task[i];
    char shard[40], *result = result_of(task), *path = record_path(results, task->task);
    snprintf(shard, sizeof shard, "%u/%u", plan->shard.index, plan->shard.count);
    const struct record_head head = {.run = plan->run,
                                     .task = task->task,
                                     .person = task->person,
                                     .inputs = task->inputs,
                                     .shard = shard,
                                     .attempt = {.host = host,
                                                 .job = "",
                                                 .number = 1,
                                                 .started = "2026-01-01T00:00:00Z",
                                                 .finished = "2026-01-01T00:00:01Z"}};
    char *text = record_text(&head, result), *whole = sign ? sign_text(&key, text) : strdup(text);
    ck_assert_msg(record_publish(path, whole, &place_error) == 1, "%s", place_error.text);
    free(whole);
    free(text);
    free(path);
    free(result);
}

/* Grades one shard, so to speak. */
static void shard(const char *results, const char *which) {
    struct plan plan;
    char folder[80];
    options.shard = which;
    ck_assert_msg(plan_open(&list, &options, results, &plan, &place_error) == 0, "%s", place_error.text);
    ck_assert_int_eq(plan_write_manifest(&plan, results, &place_error), 0);
    snprintf(folder, sizeof folder, "%s/results", results);
    mkdir(folder, 0755);
    for (size_t i = 0; i < plan.count; i++)
        if (shard_has(&plan.shard, i, plan.task[i].task))
            publish(results, &plan, i, "node1");
    plan_release(&plan);
}

static void open_fixture(void) {
    static const char *const NAME[PEOPLE] = {"ann", "bob", "cat", "dan", "eve", "fay", "gus"};
    char path[40];
    place_open();
    for (size_t i = 0; i < PEOPLE; i++) {
        snprintf(path, sizeof path, "in/%s/a.c", NAME[i]);
        place_put(path, "// harness: test-scale\n");
    }
    place_find("in", &list);
    options = (struct options){.seed_given = true, .seed = 42};
    sign = false;
    shard("s1", "1/3");
    shard("s2", "2/3");
    shard("s3", "3/3");
}

static void close_fixture(void) {
    merge_release(&merged);
    submissions_release(&list);
    place_close();
}

static int merge(size_t count, ...) {
    va_list arguments;
    char *folder[8];
    va_start(arguments, count);
    for (size_t i = 0; i < count; i++)
        folder[i] = va_arg(arguments, char *);
    va_end(arguments);
    merge_release(&merged);
    return merge_folders(folder, count, sign ? key.public_key : NULL, &merged, &place_error);
}

/* All three shards fail with a sentence of these words. */
static void refused(const char *words) {
    ck_assert_int_eq(merge(3, "s1", "s2", "s3"), -1);
    ck_assert_int_eq(place_error.owner, ERROR_USER);
    ck_assert_msg(strstr(place_error.text, words) != NULL, "%s", place_error.text);
    ck_assert_uint_eq(merged.count, 0);
}

static void shell(const char *command) {
    ck_assert_msg(system(command) == 0, "%s", command);
}

static int look(void *into, struct record *record) {
    size_t *seen = into;
    ck_assert_str_eq(record->result.challenge, "test-scale");
    ck_assert_str_eq(record->task, list.item[*seen].task);
    ++*seen;
    return 0;
}

START_TEST(three_shards_are_one_run) {
    size_t seen = 0;
    ck_assert_msg(merge(3, "s3", "s1", "s2") == 0, "%s", place_error.text);
    ck_assert_uint_eq(merged.count, PEOPLE);
    ck_assert_uint_eq(merged.shards, SHARDS);
    ck_assert_int_eq(merge_each(&merged, look, &seen, &place_error), 0);
    ck_assert_uint_eq(seen, PEOPLE);
}
END_TEST

START_TEST(one_folder_of_all) {
    shard("all", "1/2");
    shard("all", "2/2");
    ck_assert_msg(merge(1, "all") == 0, "%s", place_error.text);
    shard("whole", "1/1");
    ck_assert_msg(merge(1, "whole") == 0, "%s", place_error.text);
    ck_assert_uint_eq(merged.count, PEOPLE);
}
END_TEST

START_TEST(more_shards_than_tasks) {
    char which[16];
    for (int i = 1; i <= 20; i++) {
        snprintf(which, sizeof which, "%d/20", i);
        shard("all", which);
    }
    ck_assert_msg(merge(1, "all") == 0, "%s", place_error.text);
    ck_assert_uint_eq(merged.shards, 20);
}
END_TEST

START_TEST(a_copy_is_no_second_result) {
    shell("cp -r s2 copy");
    ck_assert_msg(merge(4, "s1", "s2", "s3", "copy") == 0, "%s", place_error.text);
    ck_assert_msg(merge(5, "s1", "s2", "s3", "s3", "s3/") == 0, "%s", place_error.text);
}
END_TEST

START_TEST(what_is_missing) {
    ck_assert_int_eq(merge(2, "s1", "s3"), -1);
    ck_assert_ptr_nonnull(strstr(place_error.text, "shard 2/3 is not there"));
    ck_assert_int_eq(merge(1, "s2"), -1);
    ck_assert_ptr_nonnull(strstr(place_error.text, "2 of 3 shards are not there, the first is 1/3"));
    ck_assert_int_eq(merge(2, "s1", "nowhere"), -1);
    ck_assert_ptr_nonnull(strstr(place_error.text, "cannot read the folder 'nowhere'"));
    ck_assert_int_eq(merge(2, "s1", "in"), -1);
    ck_assert_ptr_nonnull(strstr(place_error.text, "no results of `harness grade' in 'in'"));
    shell("rm 's2/results/bob~test-scale.json' 's2/results/eve~test-scale.json'");
    refused("2 of 7 results are not there, the first is that of 'bob/test-scale' in shard 2/3");
    shell("rm -r s2/results");
    refused("'bob/test-scale' in shard 2/3");
}
END_TEST

START_TEST(two_results_of_one_task) {
    struct plan plan;
    shell("cp -r s2 copy && rm 'copy/results/bob~test-scale.json'");
    options.shard = "2/3";
    ck_assert_int_eq(plan_open(&list, &options, "copy", &plan, &place_error), 0);
    publish("copy", &plan, 1, "node2");
    plan_release(&plan);
    ck_assert_int_eq(merge(4, "s1", "s2", "s3", "copy"), -1);
    ck_assert_ptr_nonnull(strstr(place_error.text, "two different results of 'bob/test-scale'"));
    ck_assert_ptr_nonnull(strstr(place_error.text, "copy/results/bob~test-scale.json"));
}
END_TEST

START_TEST(another_run) {
    options.seed = 43;
    shell("mv s2 old");
    shard("s2", "2/3");
    refused("their seeds differ");
    /* Its results do not count under the right manifest either. */
    shell("rm -r s2 && cp -r old s2 && mkdir x && mv s2/results/* x");
    shard("y", "2/3");
    shell("cp y/results/* s2/results");
    refused("is a result of the run '");
}
END_TEST

START_TEST(another_list) {
    place_put("in/hal/a.c", "// harness: test-scale\n");
    submissions_release(&list);
    place_find("in", &list);
    shell("rm -r s2");
    shard("s2", "2/3");
    refused("their submissions, challenges or options differ");
    shell("rm -r s1 s3");
    shard("s1", "1/3");
    shard("s3", "3/3");
    ck_assert_msg(merge(3, "s1", "s2", "s3") == 0, "%s", place_error.text);
}
END_TEST

START_TEST(divided_differently) {
    shell("rm -r s2");
    shard("s2", "2/4");
    refused("they divide it differently");
    shell("rm -r s2");
    options.shard_by = "hash";
    shard("s2", "2/3");
    refused("they divide it differently");
    shell("rm -r s2");
    options.shard_by = NULL;
    options.run_id = "mine";
    shard("s2", "2/3");
    refused("their run ids differ");
}
END_TEST

/* sed on a manifest or a result, and what is said about it. */
static const struct edit {
    const char *command, *says;
} EDITS[] = {
    {"sed -i '/bob/d' s2/shard-2-of-3.json", "do not make up the run"},
    {"sed -i 's/bob/bab/' s2/shard-2-of-3.json", "do not make up the run"},
    {"sed -i 's/\"inputs\":\"./\"inputs\":\"x/' s2/shard-2-of-3.json", "do not make up the run"},
    {"sed -i 's/eve.test-scale/cat\\/test-scale/' s2/shard-2-of-3.json", "'cat/test-scale' is in two shards"},
    {"sed -i 's/\"run\":\"[0-9a-f]*\"/\"run\":\"0123456789abcdef\"/' s?/shard-*.json", "do not make up the run"},
    {"sed -i 's/\"total\":7/\"total\":6/' s?/shard-*.json", "do not make up the run"},
    {"sed -i 's/\"total\":7/\"total\":6/' s2/shard-*.json", "differ"},
    {"sed -i 's/\"index\":2/\"index\":4/' s2/shard-*.json", "there is no such shard"},
    {"sed -i 's/\"index\":2/\"index\":1/' s2/shard-*.json", "are the same shard, but hold different tasks"},
    {"sed -i 's/harness-shard.1/harness-shard\\/2/' s2/shard-*.json", "/schema"},
    {"sed -i 's/\"total\":7/\"totl\":7/' s2/shard-*.json", "did you mean 'total'?"},
    {"echo > s2/shard-2-of-3.json", "s2/shard-2-of-3.json"},
    {"cd s2/results && mv bob~test-scale.json hal~test-scale.json", "is no task of this run"},
    {"cd s2/results && mv bob~test-scale.json eve~test-scale.json", "although its name says 'eve/test-scale'"},
    {"cp s2/results/bob~test-scale.json s2/results/x.json", "'x', which is no task of this run"},
    {"sed -i 's/\"inputs\":\"./\"inputs\":\"x/' s2/results/bob*", "another submission, challenge or options"},
    {"sed -i 's/\"run\":\"./\"run\":\"x/' s2/results/bob*", "is a result of the run 'x"},
    {"truncate -s 100 s2/results/bob*", "s2/results/bob~test-scale.json"},
    {"truncate -s 0 s2/results/bob*", "s2/results/bob~test-scale.json"},
    {"sed -i 's/\"points\":0/\"points\":0,\"pionts\":1/' s2/results/bob*", "pionts"},
    {"cd s2/results && rm bob* && ln -s ann~test-scale.json bob~test-scale.json", "symbolic link"},
};

START_TEST(edited_files) {
    shell(EDITS[_i].command);
    refused(EDITS[_i].says);
}
END_TEST

static void make_key(void) {
    ck_assert_msg(sign_make_key("key", &place_error) == 0, "%s", place_error.text);
    ck_assert_int_eq(sign_read_secret("key", &key, &place_error), 0);
    sign = true;
}

START_TEST(signed_results) {
    make_key();
    refused("is not signed");
    shell("rm -r s1 s2 s3");
    shard("s1", "1/3");
    shard("s2", "2/3");
    shard("s3", "3/3");
    ck_assert_msg(merge(3, "s1", "s2", "s3") == 0, "%s", place_error.text);
    shell("cp -r s2 kept && sed -i 's/\"points\":0/\"points\":9/' s2/results/bob*");
    refused("s2/results/bob~test-scale.json was changed after it had been signed");
    shell("rm -r s2 && mv kept s2 && mv key mine && mv key.pub mine.pub");
    ck_assert_int_eq(sign_make_key("key", &place_error), 0);
    struct sign_key right = key;
    ck_assert_int_eq(sign_read_secret("key", &key, &place_error), 0);
    shell("rm -r s2");
    shard("s2", "2/3");
    key = right;
    refused("is signed by another than the key of --key");
}
END_TEST

int main(void) {
    TCase *tests = tcase_create("merge");
    tcase_set_timeout(tests, 20);
    tcase_add_checked_fixture(tests, open_fixture, close_fixture);
    tcase_add_test(tests, three_shards_are_one_run);
    tcase_add_test(tests, one_folder_of_all);
    tcase_add_test(tests, more_shards_than_tasks);
    tcase_add_test(tests, a_copy_is_no_second_result);
    tcase_add_test(tests, what_is_missing);
    tcase_add_test(tests, two_results_of_one_task);
    tcase_add_test(tests, another_run);
    tcase_add_test(tests, another_list);
    tcase_add_test(tests, divided_differently);
    tcase_add_loop_test(tests, edited_files, 0, (int)(sizeof EDITS / sizeof EDITS[0]));
    tcase_add_test(tests, signed_results);
    return place_run(tests, "merge");
}
