/* SPDX-License-Identifier: MIT */
/* What can be wrong with the file of a store: nothing of it is harmed, and one sentence says what to do. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness/store_sample.h"

static struct error error;

static void setup(void) {
    unsetenv("HARNESS_TEST_STORE"); /* this is about files */
    unsetenv("HARNESS_STORE");
    sample_store_new();
}

static void teardown(void) {
    sample_store_remove();
}

static void write_file(const char *text, size_t size) {
    FILE *file = fopen(sample_place(), "w");
    ck_assert_uint_eq(fwrite(text, 1, size, file), size);
    fclose(file);
}

static void expect_refused(const char *word) {
    struct store *store;
    ck_assert_int_eq(store_open(sample_place(), &store, &error), -1);
    ck_assert_ptr_null(store);
    ck_assert_int_eq(error.owner, ERROR_USER);
    ck_assert_msg(strstr(error.text, word) != NULL && strstr(error.text, sample_place()) != NULL, "%s", error.text);
    ck_assert_ptr_null(strchr(error.text, '\n'));
}

static void expect_bytes(const char *text, size_t size) {
    static char read[8192];
    FILE *file = fopen(sample_place(), "r");
    ck_assert_uint_eq(fread(read, 1, sizeof read, file), size);
    ck_assert_mem_eq(read, text, size);
    fclose(file);
}

START_TEST(no_database_stays_as_it_is) {
    static const size_t SIZE[] = {1, 15, 16, 99, 100, 511, 4096};
    char text[4096];
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < sizeof SIZE / sizeof SIZE[0]; i++) {
        write_file(text, SIZE[i]);
        expect_refused("is no store of results");
        expect_bytes(text, SIZE[i]);
    }
}
END_TEST

START_TEST(the_database_of_another_program) {
    static const char *const SQL[] = {"CREATE TABLE bookmark (url TEXT)", "PRAGMA user_version = 1",
                                      "PRAGMA application_id = 7"};
    for (size_t i = 0; i < sizeof SQL / sizeof SQL[0]; i++) {
        sqlite3 *other;
        unlink(sample_place());
        ck_assert_int_eq(sqlite3_open(sample_place(), &other), SQLITE_OK);
        ck_assert_int_eq(sqlite3_exec(other, SQL[i], NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(other);
        expect_refused("another program");
        ck_assert_int_eq(sample_count("SELECT count(*) FROM sqlite_master WHERE name = 'result'"), 0);
    }
}
END_TEST

START_TEST(no_file) {
    struct store *store;
    mkdir(sample_place(), 0700);
    expect_refused("no regular file");
    rmdir(sample_place());
    ck_assert_int_eq(mkfifo(sample_place(), 0600), 0);
    expect_refused("no regular file");
    unlink(sample_place());
    ck_assert_int_eq(store_open("/nonexistent/folder/x.db", &store, &error), -1);
    ck_assert_int_eq(error.owner, ERROR_USER);
    ck_assert_ptr_nonnull(strstr(error.text, "No such file"));
    ck_assert_int_eq(store_open("", &store, &error), -1);
    ck_assert_int_eq(store_open_old(sample_place(), &store, &error), -1); /* named, and not there */
    ck_assert_int_ne(access(sample_place(), F_OK), 0);
}
END_TEST

START_TEST(only_its_owner_reads_it) {
    struct stat status;
    umask(0);
    store_close(sample_store_open());
    ck_assert_int_eq(stat(sample_place(), &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0600);
}
END_TEST

/* Permissions mean nothing to root, so it is done as somebody else then. */
static int as_ordinary_user(int (*body)(void)) {
    fflush(NULL);
    pid_t pid = fork();
    int status;
    if (pid == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(99);
        _exit(body());
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int open_what_is_locked(void) {
    struct store *store;
    return store_open(sample_place(), &store, &error) == -1 && error.owner == ERROR_USER &&
                   strstr(error.text, "Permission denied") != NULL
               ? 0
               : 1;
}

START_TEST(a_file_of_somebody_else) {
    store_close(sample_store_open());
    chmod(sample_place(), 0);
    ck_assert_int_eq(as_ordinary_user(open_what_is_locked), 0);
    chmod(sample_place(), 0444);
    ck_assert_int_eq(as_ordinary_user(open_what_is_locked), 0);
    chmod(sample_place(), 0600);
}
END_TEST

static int see(void *context, const struct store_row *row) {
    *(int64_t *)context += row->number;
    return 0;
}

static int read_what_is_read_only(void) {
    const struct store_query query = {0};
    struct store *store;
    int64_t sum = 0;
    if (store_open_old(sample_place(), &store, &error) != 0)
        return 1;
    int status = store_each(store, &query, see, &sum, &error);
    store_close(store);
    if (status != 0 || sum != 3)
        return 2;
    return store_open(sample_place(), &store, &error) == -1 && error.owner == ERROR_USER ? 0 : 3;
}

START_TEST(a_store_to_read_only) {
    struct store *store = sample_store_open();
    char folder[600];
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(sample_place(), '/') - sample_place()), sample_place());
    sample_put(store, "", "t", &SAMPLE);
    sample_put(store, "", "t", &SAMPLE);
    store_close(store);
    chmod(sample_place(), 0444);
    chmod(folder, 0555);
    ck_assert_int_eq(as_ordinary_user(read_what_is_read_only), 0);
    chmod(folder, 0700);
    chmod(sample_place(), 0600);
}
END_TEST

static int make_own_store(void) {
    struct store *store;
    setenv("XDG_STATE_HOME", "/proc/self/nothing", 1);
    if (store_open(NULL, &store, &error) != -1 || error.owner != ERROR_USER)
        return 1;
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    if (store_open(NULL, &store, &error) != -1 || strstr(error.text, "HOME") == NULL)
        return 2;
    return store_open_old(NULL, &store, &error) == -1 ? 0 : 3;
}

START_TEST(no_place_for_a_store_of_ones_own) {
    ck_assert_int_eq(as_ordinary_user(make_own_store), 0);
}
END_TEST

START_TEST(a_store_of_ones_own) {
    struct store *store;
    char folder[600], path[700];
    snprintf(folder, sizeof folder, "%s.state", sample_place());
    setenv("XDG_STATE_HOME", folder, 1);
    ck_assert_int_eq(store_open_old(NULL, &store, &error), 0);
    ck_assert_ptr_null(store);
    ck_assert_int_ne(access(folder, F_OK), 0);
    ck_assert_msg(store_open(NULL, &store, &error) == 0, "%s", error.text);
    ck_assert_int_eq(sample_put(store, "", "t", &SAMPLE), 1);
    store_close(store);
    ck_assert_int_eq(store_open_old(NULL, &store, &error), 0);
    ck_assert_ptr_nonnull(store);
    store_close(store);
    snprintf(path, sizeof path, "%s/harness/results.db", folder);
    ck_assert_int_eq(unlink(path), 0);
    snprintf(path, sizeof path, "%s/harness", folder);
    rmdir(path);
    rmdir(folder);
}
END_TEST

/* A disk that is full looks like this to a writer: what was there stays whole, and there is room again later. */
static int fill_the_disk(void) {
    struct store *store = sample_store_open();
    struct rlimit limit = {160 << 10, 160 << 10};
    struct result result;
    int64_t number;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    sample_result(&SAMPLE, &result);
    for (int i = 0; i < 2000; i++) {
        char task[32];
        snprintf(task, sizeof task, "task %d", i);
        const struct store_source source = {.run = "r", .task = task};
        if (store_put(store, &source, &result, &number, &error) != 0)
            return error.owner == ERROR_HARNESS && strstr(error.text, "free some space") != NULL ? 0 : 1;
    }
    return 2;
}

START_TEST(a_full_disk) {
    fflush(NULL);
    pid_t pid = fork();
    int status;
    if (pid == 0)
        _exit(fill_the_disk());
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    struct store *store = sample_store_open();
    int64_t results = sample_count("SELECT count(*) FROM result");
    ck_assert_int_gt(results, 0);
    ck_assert_int_eq(sample_count("SELECT count(*) FROM case_result"), 2 * results);
    ck_assert_int_eq(sample_put(store, "r", "after", &SAMPLE), results + 1);
    store_close(store);
}
END_TEST

START_TEST(a_damaged_file) {
    struct store *store = sample_store_open();
    for (int i = 0; i < 20; i++)
        sample_put(store, "", "t", &SAMPLE);
    store_close(store);
    int fd = open(sample_place(), O_RDWR);
    char noise[4096];
    memset(noise, 0xAB, sizeof noise);
    for (off_t page = 1; page < 12; page++)
        ck_assert_int_eq(pwrite(fd, noise, sizeof noise, page * 4096), sizeof noise);
    close(fd);
    struct result result;
    int64_t number;
    const struct store_source source = {.run = "r", .task = "t"};
    sample_result(&SAMPLE, &result);
    int status = store_open(sample_place(), &store, &error);
    if (status == 0) {
        status = store_put(store, &source, &result, &number, &error);
        store_close(store);
    }
    result_release(&result);
    ck_assert_int_eq(status, -1);
    ck_assert_msg(strstr(error.text, "damaged") != NULL, "%s", error.text);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("store, file");
    TCase *test = tcase_create("SQLite");
    tcase_add_checked_fixture(test, setup, teardown);
    tcase_set_timeout(test, 60);
    tcase_add_test(test, no_database_stays_as_it_is);
    tcase_add_test(test, the_database_of_another_program);
    tcase_add_test(test, no_file);
    tcase_add_test(test, only_its_owner_reads_it);
    tcase_add_test(test, a_file_of_somebody_else);
    tcase_add_test(test, a_store_to_read_only);
    tcase_add_test(test, no_place_for_a_store_of_ones_own);
    tcase_add_test(test, a_store_of_ones_own);
    tcase_add_test(test, a_full_disk);
    tcase_add_test(test, a_damaged_file);
    suite_add_tcase(suite, test);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
