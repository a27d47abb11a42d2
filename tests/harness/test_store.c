/* SPDX-License-Identifier: MIT */
/* What is put into a store comes out again, once; the same against both databases. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/store/schema.h"
#include "tests/harness/store_sample.h"

static struct store *store;
static struct error error;

static void setup(void) {
    sample_store_new();
    store = sample_store_open();
}

static void teardown(void) {
    store_close(store);
    sample_store_remove();
}

START_TEST(comes_out_as_it_went_in) {
    struct store_row row;
    struct result result;
    int64_t number = sample_put(store, "r1", "gita/good-scale", &SAMPLE);
    ck_assert_int_eq(number, 1);
    ck_assert_msg(store_get(store, number, &row, &result, &error) == 1, "%s", error.text);
    ck_assert_str_eq(row.run, "r1");
    ck_assert_str_eq(row.task, "gita/good-scale");
    ck_assert_str_eq(row.person, "gita");
    ck_assert_str_eq(row.host, "lab1");
    ck_assert_str_eq(row.cpu, "Test CPU");
    ck_assert_str_eq(row.seed_reference, "reference");
    ck_assert_int_eq(row.level, 'B');
    ck_assert_int_eq(row.cores, 2);
    ck_assert_int_eq(row.verdict, VERDICT_PASSED);
    ck_assert_double_eq(row.ratio, 2);
    ck_assert_double_eq_tol(row.ratio_low, result.ratio_low, 1e-12);
    ck_assert_double_eq(row.max_points, 100);
    ck_assert_int_eq(result.wall_ns, 12345678901);
    ck_assert_uint_eq(result.case_count, 2);
    ck_assert_uint_eq(result.timing_count, 1);
    ck_assert_double_eq(result.timing[0].gflops, 8.5);
    store_row_release(&row);
    result_release(&result);
    ck_assert_int_eq(store_get(store, 2, &row, &result, &error), 0);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM case_result"), 2);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM case_result WHERE hidden = 1 AND used IS NULL"), 1);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM timing_result WHERE ratio = 2"), 1);
}
END_TEST

START_TEST(the_same_task_twice_is_there_once) {
    struct sample other = SAMPLE;
    other.points = 3;
    ck_assert_int_eq(sample_put(store, "r1", "a", &SAMPLE), 1);
    ck_assert_int_eq(sample_put(store, "r1", "b", &SAMPLE), 2);
    ck_assert_int_eq(sample_put(store, "r1", "a", &other), 1);
    ck_assert_int_eq(sample_put(store, "r2", "a", &SAMPLE), 3);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM result"), 3);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM result WHERE points = 3"), 0);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM case_result"), 6);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM run"), 2);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM machine"), 1);
}
END_TEST

static int64_t put_at(const char *started, double points) {
    const struct store_source source = {
        .run = "r1", .task = "a", .person = "gita", .host = "lab1", .command = "grade", .started = started};
    struct sample s = SAMPLE;
    struct result result;
    int64_t number = 0;
    s.points = points;
    sample_result(&s, &result);
    ck_assert_msg(store_put(store, &source, &result, &number, &error) == 0, "%s", error.text);
    result_release(&result);
    return number;
}

/* A second grading under the name of an old run, as a class has that keeps its seed: neither gets lost, and neither is
 * there twice however often it is put. */
START_TEST(another_grading_of_a_task_is_kept_too) {
    struct store_row row;
    struct result result;
    for (int again = 0; again < 2; again++) {
        ck_assert_int_eq(put_at("2026-11-21T19:20:11Z", 0), 1);
        ck_assert_int_eq(put_at("2026-11-21T20:20:11Z", 80), 2);
        ck_assert_int_eq(put_at("2026-11-21T21:20:11Z", 90), 3);
    }
    ck_assert_int_eq(sample_count("SELECT count(*) FROM result"), 3);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM case_result"), 6);
    ck_assert_int_eq(store_get(store, 2, &row, &result, &error), 1);
    ck_assert_int_eq(strncmp(row.run, "r1@", 3), 0);
    ck_assert_double_eq(row.points, 80);
    store_row_release(&row);
    result_release(&result);
}
END_TEST

START_TEST(gradings_by_themselves_get_runs_of_their_own) {
    ck_assert_int_ne(sample_put(store, "", "a", &SAMPLE), sample_put(store, "", "a", &SAMPLE));
    ck_assert_int_eq(sample_count("SELECT count(DISTINCT name) FROM run"), 2);
}
END_TEST

/* Names are data, whatever they spell; bytes that are no text become marks. */
START_TEST(names_that_would_be_commands) {
    static const char *const NAME[] = {"'; DROP TABLE result; --",
                                       "\"; DELETE FROM run; --",
                                       "$1",
                                       "?1 || :name",
                                       "\\'; DROP SCHEMA harness; \\\\",
                                       "%s%n%d",
                                       "\xff\xfe\x80"};
    struct store_row row;
    struct result result;
    for (size_t i = 0; i < sizeof NAME / sizeof NAME[0]; i++) {
        int64_t number = sample_put(store, NAME[i], NAME[i], &SAMPLE);
        ck_assert_int_eq(store_get(store, number, &row, &result, &error), 1);
        ck_assert_str_eq(row.task, (unsigned char)NAME[i][0] < 0x80 ? NAME[i] : "\uFFFD\uFFFD\uFFFD");
        store_row_release(&row);
        result_release(&result);
    }
    ck_assert_int_eq(sample_count("SELECT count(*) FROM result"), 7);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM run"), 7);
}
END_TEST

START_TEST(numbers_that_are_none) {
    struct sample s = SAMPLE;
    struct store_row row;
    struct result result;
    s.timed = NULL;
    int64_t number = sample_put(store, "r", "a", &s);
    ck_assert_int_eq(store_get(store, number, &row, &result, &error), 1);
    ck_assert(isnan(row.ratio) && isnan(row.ratio_low) && isnan(row.ratio_high));
    store_row_release(&row);
    result_release(&result);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM result WHERE ratio IS NULL AND timed = ''"), 1);
}
END_TEST

struct seen {
    int64_t number[16];
    size_t count, most;
};

static int see(void *context, const struct store_row *row) {
    struct seen *seen = context;
    seen->number[seen->count++] = row->number;
    return seen->count == seen->most;
}

static struct seen each(struct store_query query, size_t most) {
    struct seen seen = {.most = most};
    ck_assert_msg(store_each(store, &query, see, &seen, &error) == 0, "%s", error.text);
    return seen;
}

START_TEST(the_log_is_asked) {
    struct sample other = SAMPLE;
    other.challenge = "good-pair";
    other.file = "other.c";
    for (int i = 0; i < 6; i++)
        sample_put(store, "", "a", i % 2 != 0 ? &other : &SAMPLE);
    struct seen seen = each((struct store_query){0}, 16);
    ck_assert_uint_eq(seen.count, 6);
    for (size_t i = 0; i < 6; i++)
        ck_assert_int_eq(seen.number[i], 6 - (int64_t)i);
    ck_assert_uint_eq(each((struct store_query){.challenge = "good-pair"}, 16).count, 3);
    ck_assert_uint_eq(each((struct store_query){.file = "work.c", .person = "gita"}, 16).count, 3);
    ck_assert_uint_eq(each((struct store_query){.person = "x' OR '1'='1"}, 16).count, 0);
    ck_assert_uint_eq(each((struct store_query){.most = 2}, 16).count, 2);
    ck_assert_int_eq(each((struct store_query){.before = 4, .most = 1}, 16).number[0], 3);
    ck_assert_uint_eq(each((struct store_query){0}, 1).count, 1);
}
END_TEST

static struct store_standing stand(int64_t number) {
    struct store_standing standing;
    ck_assert_msg(store_compare(store, number, &standing, &error) == 0, "%s", error.text);
    return standing;
}

START_TEST(compared_with_the_last_and_the_best) {
    struct sample s = SAMPLE;
    struct store_standing now = stand(sample_put(store, "", "a", &s));
    ck_assert_int_eq(now.last + now.best + now.elsewhere + now.stranger + now.most_points, 0);
    ck_assert(isnan(now.last_points));
    s.ratio = 4;
    s.points = 100;
    sample_put(store, "", "a", &s);
    sample_put(store, "", "b", &s);
    s.ratio = 2.5;
    s.points = 85;
    sample_put(store, "", "a", &s);
    s.ratio = 3;
    now = stand(sample_put(store, "", "a", &s));
    ck_assert_int_eq(now.last, 4);
    ck_assert_int_eq(now.best, 2);
    ck_assert_double_eq_tol(now.last_change, 1.2, 1e-12);
    ck_assert_double_eq_tol(now.last_low, 1.2 / 1.02 / 1.02, 1e-12);
    ck_assert_double_eq_tol(now.last_high, 1.2 * 1.02 * 1.02, 1e-12);
    ck_assert_double_eq_tol(now.best_change, 0.75, 1e-12);
    ck_assert_int_eq(now.most_points, 2);
    ck_assert_double_eq(now.last_points, 85);
    ck_assert_double_eq(now.best_points, 100);
}
END_TEST

/* Only what was measured in the same way on the same machine is a speed to compare with. */
START_TEST(strangers_are_counted_and_not_compared) {
    struct sample s[] = {SAMPLE, SAMPLE, SAMPLE, SAMPLE, SAMPLE, SAMPLE, SAMPLE};
    static const enum store_difference WHY[] = {STORE_OTHER_CPU, STORE_OTHER_CORES, STORE_OTHER_LEVEL,
                                                STORE_OTHER_VERSION, STORE_OTHER_TIMING};
    s[0].cpu = "Another CPU";
    s[1].cores = 64;
    s[2].level = "A";
    s[3].version = "1.1";
    s[4].timed = "n8192";
    s[5].verdict = "wrong_answer"; /* never timed, so it does not count */
    for (int i = 0; i < 5; i++) {
        sample_put(store, "", "a", &s[i]);
        struct store_standing now = stand(sample_put(store, "", "a", &SAMPLE));
        ck_assert_int_eq(now.last, i == 0 ? 0 : 2 * i);
        ck_assert_int_eq(now.elsewhere, i + 1);
        ck_assert_int_eq(now.stranger, 2 * i + 1);
        ck_assert_int_eq(now.why, WHY[i]);
    }
    sample_put(store, "", "a", &s[5]);
    struct store_standing now = stand(sample_put(store, "", "a", &SAMPLE));
    ck_assert_int_eq(now.last, 10);
    ck_assert_int_eq(now.stranger, 0);
    now = stand(sample_put(store, "", "a", &s[5]));
    ck_assert_int_eq(now.last, 0);
}
END_TEST

START_TEST(a_newer_schema_is_refused) {
    struct store *again = NULL;
    store_close(store);
    store = sample_store_open(); /* opening twice changes nothing */
    ck_assert_int_eq(store->driver->set_version(store, SCHEMA_VERSION + 1, &error), 0);
    ck_assert_int_eq(store_open(sample_place(), &again, &error), -1);
    ck_assert_ptr_null(again);
    ck_assert_int_eq(error.owner, ERROR_USER);
    ck_assert_ptr_nonnull(strstr(error.text, "newer harness"));
    ck_assert_ptr_nonnull(strstr(error.text, sample_place()));
}
END_TEST

static void drop_everything(void) {
    store_close(store);
    sample_store_remove();
    sample_store_new();
}

START_TEST(an_older_schema_is_brought_up_to_date) {
    static const char OLD[] =
        "INSERT INTO machine (host, cpu, vector, kernel, cores) VALUES ('h', 'c', 'v', 'k', 1);\n"
        "INSERT INTO run (name, command, seed_reference, started) VALUES ('old', 'run', '', '2026');\n"
        "INSERT INTO result (run_id, machine_id, task, person, shard, started, file, sha256, challenge,\n"
        "  challenge_version, level, compiler, flags, verdict, timed, wall_ns, exit_code, document)\n"
        "VALUES (1, 1, 't', '', '', '2026', 'f', '', 'c', '1', 'B', '', '', 'passed', '', 0, 0, '{}');\n";
    struct store old = {.place = (char *)sample_place()};
    int64_t version;
    drop_everything();
    if (!sample_is_server())
        fclose(fopen(sample_place(), "w"));
    int status = sample_is_server() ? store_postgresql_open(&old, &error) : store_sqlite_open(&old, true, &error);
    ck_assert_msg(status == 0, "%s", error.text);
    ck_assert_msg(schema_upgrade(&old, 1, &error) == 0, "%s", error.text);
    ck_assert_msg(old.driver->script(&old, OLD, &error) == 0, "%s", error.text);
    ck_assert_int_eq(old.driver->version(&old, &version, &error), 0);
    ck_assert_int_eq(version, 1);
    old.driver->close(&old);
    store = sample_store_open();
    ck_assert_int_eq(store->driver->version(store, &version, &error), 0);
    ck_assert_int_eq(version, SCHEMA_VERSION);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM result WHERE file = 'f'"), 1);
    ck_assert_int_eq(sample_put(store, "new", "t", &SAMPLE), 2);
}
END_TEST

/* The tables do not take a case without its result, nor text for a number. */
START_TEST(the_tables_are_strict) {
    ck_assert_int_ne(store->driver->script(store, "INSERT INTO timing_result (number) VALUES (1)", &error), 0);
    ck_assert_int_ne(
        store->driver->script(store,
                              "INSERT INTO case_result (number, place, name, case_number, hidden, verdict, "
                              "gate, sizes, detail, wall_ns) VALUES (99, 0, '', 0, 0, '', '', '', '', 0)",
                              &error),
        0);
    ck_assert_int_ne(
        store->driver->script(store, "INSERT INTO machine (host, cpu, vector, kernel, cores) VALUES ('','','','','x')",
                              &error),
        0);
    ck_assert_str_ne(error.text, "");
}
END_TEST

/* Ends the connections of the code under test from outside; where there is no server it does nothing. */
static void cut_connections(void) {
    if (sample_is_server())
        sample_count("SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity\n"
                     "WHERE application_name = 'harness' AND pid <> pg_backend_pid()");
}

static int cut_the_first_time(struct store *where, void *context, struct error *err) {
    int *times = context;
    const struct store_value name = STORE_T(*times == 0 ? "first" : "second");
    if (where->driver->run(where, "INSERT INTO run (name, command, seed_reference, started) VALUES ($1, '', '', '')",
                           &name, 1, NULL, NULL, err) != 0)
        return -1;
    if ((*times)++ == 0)
        cut_connections();
    return 0;
}

START_TEST(a_lost_connection_is_made_again) {
    int times = 0;
    sample_put(store, "r", "a", &SAMPLE);
    cut_connections();
    sample_put(store, "r", "b", &SAMPLE);
    cut_connections();
    ck_assert_uint_eq(each((struct store_query){0}, 16).count, 2);
    ck_assert_msg(store_transaction(store, cut_the_first_time, &times, &error) == 0, "%s", error.text);
    ck_assert_int_eq(times, sample_is_server() ? 2 : 1);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM run"), 2); /* what the lost one did is not there */
    ck_assert_int_eq(sample_count("SELECT count(*) FROM run WHERE name = 'second'"), sample_is_server());
}
END_TEST

int main(void) {
    Suite *suite = suite_create("store");
    TCase *test = tcase_create("both databases");
    tcase_add_checked_fixture(test, setup, teardown);
    tcase_set_timeout(test, 60);
    tcase_add_test(test, comes_out_as_it_went_in);
    tcase_add_test(test, the_same_task_twice_is_there_once);
    tcase_add_test(test, another_grading_of_a_task_is_kept_too);
    tcase_add_test(test, gradings_by_themselves_get_runs_of_their_own);
    tcase_add_test(test, names_that_would_be_commands);
    tcase_add_test(test, numbers_that_are_none);
    tcase_add_test(test, the_log_is_asked);
    tcase_add_test(test, compared_with_the_last_and_the_best);
    tcase_add_test(test, strangers_are_counted_and_not_compared);
    tcase_add_test(test, a_newer_schema_is_refused);
    tcase_add_test(test, an_older_schema_is_brought_up_to_date);
    tcase_add_test(test, the_tables_are_strict);
    tcase_add_test(test, a_lost_connection_is_made_again);
    suite_add_tcase(suite, test);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
