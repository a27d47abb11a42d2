/* SPDX-License-Identifier: MIT */
/* What a run is: the same for whoever grades the same with the same seed, and another as soon as anything differs that
 * a verdict can hang on. */
#include "batch_place.h"
#include "harness/batch/plan.h"

#define SCALE "// harness: test-scale\n"
#define PAIR  "// harness: test-pair\n"

static struct submissions list;
static struct plan plan, other;
static struct options options;

static void put_people(void) {
    place_put("in/gita/a.c", SCALE);
    place_put("in/gita/b.c", PAIR);
    place_put("in/hal/a.c", SCALE);
    place_put("in/ivy/a.c", SCALE "int x;\n");
    place_find("in", &list);
    ck_assert_uint_eq(list.count, 4);
}

static void open_fixture(void) {
    place_open();
    options = (struct options){.seed_given = true, .seed = 42};
    put_people();
}

static void close_fixture(void) {
    plan_release(&plan);
    plan_release(&other);
    submissions_release(&list);
    place_close();
}

static void again(void) {
    submissions_release(&list);
    place_find("in", &list);
}

static void open_plan(const char *results, struct plan *into) {
    plan_release(into);
    ck_assert_msg(plan_open(&list, &options, results, into, &place_error) == 0, "%s", place_error.text);
}

/* The folder holds another run, and the sentence says why. */
static void refused(const char *words) {
    plan_release(&other);
    ck_assert_int_eq(plan_open(&list, &options, "results", &other, &place_error), -1);
    ck_assert_int_eq(place_error.owner, ERROR_USER);
    ck_assert_msg(strstr(place_error.text, words) != NULL, "%s", place_error.text);
    ck_assert_ptr_nonnull(strstr(place_error.text, "--results"));
}

START_TEST(a_plan_is_all_tasks) {
    open_plan(NULL, &plan);
    ck_assert_uint_eq(plan.count, 4);
    ck_assert_str_eq(plan.task[0].task, "gita/test-pair");
    ck_assert_str_eq(plan.task[0].challenge, "test-pair");
    ck_assert_str_eq(plan.task[0].shown, "in/gita/b.c");
    ck_assert_uint_eq(strlen(plan.run), 16);
    ck_assert_uint_eq(strspn(plan.run, "0123456789abcdef"), 16);
    ck_assert_uint_eq(plan.seed, 42);
    ck_assert(!plan.seed_secret);
    ck_assert_uint_eq(plan.shard.count, 1);
    ck_assert_str_ne(plan.task[1].inputs, plan.task[2].inputs);
    ck_assert_ptr_null(strstr(plan.commitment, "42"));
}
END_TEST

START_TEST(the_same_everywhere) {
    open_plan(NULL, &plan);
    ck_assert_int_eq(rename("in", "elsewhere"), 0);
    submissions_release(&list);
    place_find("elsewhere", &list);
    options.shard = "2/3";
    open_plan("results", &other);
    ck_assert_str_eq(plan.run, other.run);
    ck_assert_str_eq(plan.commitment, other.commitment);
    ck_assert_str_eq(plan.list, other.list);
    ck_assert_uint_eq(other.shard.index, 2);
    for (size_t i = 0; i < plan.count; i++)
        ck_assert_str_eq(plan.task[i].inputs, other.task[i].inputs);
}
END_TEST

/* Each row changes one thing; `tasks` is how many of the four then have other inputs. */
static const struct change {
    const char *path, *text;
    struct options options;
    size_t tasks;
} CHANGES[] = {
    {.path = "in/hal/a.c", .text = SCALE " ", .tasks = 1},
    {.path = "packs/test-scale/hidden.json", .text = "{}", .tasks = 3},
    {.path = "packs/test-pair/challenge.json", .text = "not", .tasks = 1},
    {.path = "packs/test-scale/reference.c", .text = "int y;", .tasks = 3},
    {.path = "packs/test-scale/rows.bin", .text = "1", .tasks = 3},
    {.path = "packs/test-scale/README.md", .text = "words", .tasks = 0},
    {.path = "packs/test-scale/starter.c", .text = "int y;", .tasks = 0},
    {.path = "packs/test-scale/solutions/accepted_a.c", .text = "int y;", .tasks = 0},
    {.options = {.seed = 43}, .tasks = 4},
    {.options = {.no_timing = true}, .tasks = 4},
    {.options = {.timing_budget_s = 0.5}, .tasks = 4},
    {.options = {.threads = 2}, .tasks = 4},
    {.options = {.at_most = SANDBOX_C}, .tasks = 4},
    {.options = {.require = SANDBOX_B, .require_given = true}, .tasks = 4},
    {.options = {.quiet = true, .jobs = 3, .failed = true, .exit_zero = true}, .tasks = 0},
};

START_TEST(what_changes_inputs) {
    const struct change *change = &CHANGES[_i];
    size_t changed = 0;
    open_plan(NULL, &plan);
    if (change->path != NULL) {
        place_put(change->path, change->text);
    } else {
        options = change->options;
        options.seed_given = true;
        options.seed = options.seed != 0 ? options.seed : 42;
    }
    again();
    open_plan(NULL, &other);
    for (size_t i = 0; i < plan.count; i++)
        changed += strcmp(plan.task[i].inputs, other.task[i].inputs) != 0;
    ck_assert_uint_eq(changed, change->tasks);
    ck_assert_int_eq(strcmp(plan.run, other.run) != 0, change->tasks != 0);
}
END_TEST

START_TEST(a_problem_that_is_solved_is_graded) {
    place_put("in/gita/c.c", SCALE);
    again();
    open_plan(NULL, &plan);
    ck_assert_int_eq(unlink("in/gita/c.c"), 0);
    again();
    open_plan(NULL, &other);
    ck_assert_str_eq(plan.task[1].task, other.task[1].task);
    ck_assert_str_ne(plan.task[1].inputs, other.task[1].inputs);
}
END_TEST

START_TEST(seeds) {
    options.seed_given = false;
    open_plan("results", &plan);
    ck_assert(plan.seed_secret);
    open_plan("results", &other);
    ck_assert_uint_eq(plan.seed, other.seed);
    ck_assert_str_eq(plan.run, other.run);
    ck_assert(other.seed_secret);
    open_plan(NULL, &other);
    ck_assert_uint_ne(plan.seed, other.seed);
    ck_assert_str_ne(plan.commitment, other.commitment);
    options.seed_given = options.seed_secret = true; /* as HARNESS_SEED does */
    options.seed = plan.seed;
    open_plan("results", &other);
    ck_assert(other.seed_secret);
    struct stat info;
    ck_assert_int_eq(stat("results/run.json", &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0600);
}
END_TEST

START_TEST(a_folder_holds_one_run) {
    open_plan("deep/er/results", &plan);
    open_plan("results", &plan);
    open_plan("results", &other);
    ck_assert_str_eq(plan.run, other.run);
    options.seed++;
    refused("another seed");
    options.seed--;
    options.no_timing = true;
    refused("its options were 'timing=yes");
    options.no_timing = false;
    options.run_id = "week-3";
    refused("not 'week-3'");
    options.run_id = NULL;
    place_put("in/joe/a.c", SCALE);
    again();
    refused("'joe/test-scale' is new");
    ck_assert_int_eq(system("rm -r in/joe in/hal"), 0);
    again();
    refused("'hal/test-scale' is gone");
    place_put("in/hal/a.c", SCALE "int y;\n");
    again();
    refused("'hal/test-scale' or its challenge has changed");
}
END_TEST

START_TEST(runs_with_a_name) {
    static const char *const WRONG[] = {"", "a b", "../x", ".x", "-x", "0123456789abcdef", "a/b", "x\n", "\xc3\xa4"};
    options.run_id = "week-3";
    open_plan("results", &plan);
    ck_assert_str_eq(plan.run, "week-3");
    options.run_id = NULL;
    open_plan("results", &other);
    ck_assert_str_eq(other.run, "week-3");
    plan_release(&other);
    for (size_t i = 1; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        options.run_id = WRONG[i];
        ck_assert_msg(plan_open(&list, &options, NULL, &other, &place_error) == -1, "'%s' was taken", WRONG[i]);
        ck_assert_ptr_nonnull(strstr(place_error.text, "--run-id"));
    }
}
END_TEST

START_TEST(a_spoilt_folder) {
    static const char *const TEXT[] = {"", "{", "[]", "{\"schema\":\"harness-run/2\"}",
                                       "{\"schema\":\"harness-run/1\"}"};
    for (size_t i = 0; i < sizeof TEXT / sizeof TEXT[0]; i++) {
        place_put("results/run.json", TEXT[i]);
        ck_assert_int_eq(plan_open(&list, &options, "results", &plan, &place_error), -1);
        ck_assert_int_eq(place_error.owner, ERROR_USER);
        ck_assert_ptr_nonnull(strstr(place_error.text, "results/run.json"));
    }
    place_put("file", "");
    ck_assert_int_eq(plan_open(&list, &options, "file", &plan, &place_error), -1);
    ck_assert_int_eq(place_error.owner, ERROR_USER);
    ck_assert_int_eq(plan_open(&list, &options, "file/x", &plan, &place_error), -1);
    options.shard = "/";
    ck_assert_int_eq(plan_open(&list, &options, NULL, &plan, &place_error), -1);
    ck_assert_ptr_nonnull(strstr(place_error.text, "--shard"));
}
END_TEST

START_TEST(nothing_to_grade) {
    ck_assert_int_eq(system("rm -r in; mkdir in"), 0);
    again();
    open_plan("results", &plan);
    ck_assert_uint_eq(plan.count, 0);
    ck_assert_int_eq(plan_write_manifest(&plan, "results", &place_error), 0);
    open_plan("results", &other);
    ck_assert_str_eq(plan.run, other.run);
}
END_TEST

int main(void) {
    TCase *tests = tcase_create("plan");
    tcase_add_checked_fixture(tests, open_fixture, close_fixture);
    tcase_add_test(tests, a_plan_is_all_tasks);
    tcase_add_test(tests, the_same_everywhere);
    tcase_add_loop_test(tests, what_changes_inputs, 0, (int)(sizeof CHANGES / sizeof CHANGES[0]));
    tcase_add_test(tests, a_problem_that_is_solved_is_graded);
    tcase_add_test(tests, seeds);
    tcase_add_test(tests, a_folder_holds_one_run);
    tcase_add_test(tests, runs_with_a_name);
    tcase_add_test(tests, a_spoilt_folder);
    tcase_add_test(tests, nothing_to_grade);
    return place_run(tests, "plan");
}
