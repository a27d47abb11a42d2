/* SPDX-License-Identifier: MIT */
/* Result files: they appear whole, the first one stays, and what was changed afterwards is refused. */
#include <check.h>
#include <dirent.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/owner.h"
#include "grader/scratch.h"
#include "harness/heap.h"
#include "harness/report.h"
#include "harness/result/record.h"
#include "harness/result/sign.h"

static char folder[64];
static struct error error;

static void make_folder(void) {
    snprintf(folder, sizeof folder, "/tmp/harness-test-XXXXXX");
    ck_assert_ptr_ne(mkdtemp(folder), NULL);
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(mkdir("results", 0755), 0);
}

static void remove_folder(void) {
    ck_assert_int_eq(chdir("/"), 0);
    scratch_remove_tree(folder);
}

static char *make_text(const char *person, const char *detail) {
    struct report_item item = {.file = "gita/work.c", .challenge = "good-scale"};
    const struct report_look look = {0};
    const struct record_head head = {.run = "r1",
                                     .task = "gita/good-scale",
                                     .person = person,
                                     .inputs = "00ff",
                                     .shard = "3/8",
                                     .attempt = {.host = "n1",
                                                 .job = "7_3",
                                                 .pid = 42,
                                                 .restart = 1,
                                                 .number = 2,
                                                 .started = "2026-01-02T03:04:05Z",
                                                 .finished = "2026-01-02T03:04:06Z"}};
    error_set(&item.error, ERROR_HARNESS, "%s", detail);
    char *result = report_json(&item, 1, &look), *text = record_text(&head, result);
    free(result);
    return text;
}

static void put(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    ck_assert_ptr_ne(file, NULL);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

static size_t entries(void) {
    DIR *list = opendir("results");
    size_t count = 0;
    ck_assert_ptr_ne(list, NULL);
    for (struct dirent *entry; (entry = readdir(list)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(list);
    return count;
}

START_TEST(what_is_written_is_read) {
    struct record record;
    char *path = record_path(".", "gita/good-scale"), *text = make_text("gita", "a disk \"full\" of \n results");
    ck_assert_str_eq(path, "./results/gita~good-scale.json");
    ck_assert_int_eq(record_publish(path, text, &error), 1);
    ck_assert_msg(record_read(path, &record, &error) == 0, "%s", error.text);
    ck_assert_str_eq(record.run, "r1");
    ck_assert_str_eq(record.task, "gita/good-scale");
    ck_assert_str_eq(record.person, "gita");
    ck_assert_str_eq(record.inputs, "00ff");
    ck_assert_str_eq(record.shard, "3/8");
    ck_assert_str_eq(record.attempt.host, "n1");
    ck_assert_str_eq(record.attempt.job, "7_3");
    ck_assert_int_eq(record.attempt.pid, 42);
    ck_assert_int_eq(record.attempt.restart, 1);
    ck_assert_int_eq(record.attempt.number, 2);
    ck_assert_str_eq(record.attempt.started, "2026-01-02T03:04:05Z");
    ck_assert_str_eq(record.key, "");
    ck_assert_int_eq(record.result.verdict, VERDICT_HARNESS_ERROR);
    ck_assert_str_eq(record.result.detail, "a disk \"full\" of \n results");
    ck_assert_int_eq(record.result_text[0], '{');
    ck_assert_int_eq(record.result_text[record.result_size - 1], '}');
    ck_assert_int_eq(strncmp(record.result_text, "{\"schema\":\"harness-result/1\"", 28), 0);
    ck_assert_ptr_eq(strchr(record.text, '\n'), record.text + record.size - 1);
    record_release(&record);
    free(text);
    free(path);
}
END_TEST

START_TEST(the_first_one_stays) {
    struct record record;
    char *first = make_text("gita", "first"), *second = make_text("gita", "second");
    ck_assert_int_eq(record_publish("results/a.json", first, &error), 1);
    ck_assert_int_eq(record_publish("results/a.json", second, &error), 0);
    ck_assert_int_eq(record_read("results/a.json", &record, &error), 0);
    ck_assert_str_eq(record.result.detail, "first");
    ck_assert_uint_eq(entries(), 1);
    record_release(&record);
    free(first);
    free(second);
}
END_TEST

/* Many at once: exactly one says that it was the first. */
START_TEST(of_many_one_is_first) {
    enum { MANY = 16 };
    char *text = make_text("gita", "one of many");
    int first = 0, status;
    for (int i = 0; i < MANY; i++)
        if (fork() == 0)
            _exit(record_publish("results/a.json", text, &error) == 1);
    for (int i = 0; i < MANY; i++) {
        ck_assert_int_gt(wait(&status), 0);
        first += WIFEXITED(status) && WEXITSTATUS(status) == 1;
    }
    ck_assert_int_eq(first, 1);
    ck_assert_uint_eq(entries(), 1);
    free(text);
}
END_TEST

START_TEST(torn_or_foreign_files_are_refused) {
    struct record record;
    char *text = make_text("gita", "x");
    for (size_t size = 0; size < strlen(text) - 1; size += 1 + strlen(text) / 50) {
        char *part = heap_copy(text, size);
        put("results/a.json", part);
        free(part);
        ck_assert_int_eq(record_read("results/a.json", &record, &error), -1);
        ck_assert_int_eq(error.owner, ERROR_USER);
    }
    put("results/a.json", "{}");
    ck_assert_int_eq(record_read("results/a.json", &record, &error), -1);
    char *schema = strstr(text, "harness-task/1");
    schema[strlen("harness-task/")] = '2';
    put("results/a.json", text);
    ck_assert_int_eq(record_read("results/a.json", &record, &error), -1);
    ck_assert_int_eq(symlink("a.json", "results/b.json"), 0);
    ck_assert_int_eq(record_read("results/b.json", &record, &error), -1);
    ck_assert_int_eq(record_read("results/none.json", &record, &error), -1);
    free(text);
}
END_TEST

START_TEST(a_signed_file_may_not_change) {
    struct record record;
    struct sign_key key;
    ck_assert_int_ge(sodium_init(), 0);
    crypto_sign_keypair(key.public_key, key.secret_key);
    char *plain = make_text("gita", "x,\"signature\":{\"algorithm\""), *text = sign_text(&key, plain);
    ck_assert_int_eq(record_publish("results/a.json", text, &error), 1);
    ck_assert_msg(record_read("results/a.json", &record, &error) == 0, "%s", error.text);
    ck_assert_uint_eq(strlen(record.key), SIGN_KEY_TEXT - 1);
    ck_assert_int_eq(record.result_text[record.result_size - 1], '}');
    ck_assert_ptr_eq(memmem(record.result_text, record.result_size, "ed25519", 7), NULL);
    ck_assert_uint_eq(record.result_size, strlen(plain) - 2 - (size_t)(record.result_text - record.text));
    record_release(&record);
    *strstr(text, "2026-01-02") = '3';
    put("results/b.json", text);
    ck_assert_int_eq(record_read("results/b.json", &record, &error), -1);
    ck_assert_ptr_ne(strstr(error.text, "changed"), NULL);
    free(plain);
    free(text);
}
END_TEST

START_TEST(no_name_leads_out_of_the_folder) {
    char *path = record_path("out", "../../etc/passwd");
    ck_assert_str_eq(path, "out/results/..~..~etc~passwd.json");
    free(path);
}
END_TEST

START_TEST(what_the_killed_left_goes) {
    int said[2];
    char name[160] = "", *other;
    ck_assert_int_eq(pipe(said), 0);
    const pid_t child = fork();
    if (child == 0) {
        char tag[OWNER_TAG], path[160];
        owner_tag(tag);
        snprintf(path, sizeof path, "results/.tmp-%s-abcdef", tag);
        put(path, "half");
        put(path + strlen("results/"), "half a plan");
        if (write(said[1], path, sizeof path) != sizeof path)
            _exit(1);
        pause();
    }
    ck_assert_int_eq(read(said[0], name, sizeof name), sizeof name);
    record_clean_stale(".");
    ck_assert_msg(access(name, F_OK) == 0, "a living process lost its file");
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    put("results/.tmp-mine", "not ours");
    other = name + strlen("results/");
    ck_assert_int_eq(access(other, F_OK), 0);
    record_clean_stale(".");
    ck_assert_int_ne(access(name, F_OK), 0);
    ck_assert_int_ne(access(other, F_OK), 0);
    ck_assert_int_eq(access("results/.tmp-mine", F_OK), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("record");
    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, make_folder, remove_folder);
    tcase_add_test(files, what_is_written_is_read);
    tcase_add_test(files, the_first_one_stays);
    tcase_add_test(files, of_many_one_is_first);
    tcase_add_test(files, torn_or_foreign_files_are_refused);
    tcase_add_test(files, a_signed_file_may_not_change);
    tcase_add_test(files, no_name_leads_out_of_the_folder);
    tcase_add_test(files, what_the_killed_left_goes);
    suite_add_tcase(suite, files);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
