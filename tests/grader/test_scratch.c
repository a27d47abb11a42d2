/* SPDX-License-Identifier: MIT */
/* The scratch folder: what may be read into it, and that exactly the folders of dead owners are removed. Every test
 * has a TMPDIR of its own. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "grader/owner.h"
#include "grader/scratch.h"

enum { PATH_BYTES = 512 };

static char root[64];

static void make_root(void) {
    snprintf(root, sizeof root, "/tmp/test-scratch-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
    setenv("TMPDIR", root, 1);
}

static void remove_root(void) {
    scratch_remove_tree(root);
    ck_assert_int_ne(access(root, F_OK), 0);
}

static const char *at(char path[PATH_BYTES], const char *name) {
    snprintf(path, PATH_BYTES, "%s/%s", root, name);
    return path;
}

static void put(const char *path, const char *text) {
    struct error err = {0};

    ck_assert_msg(scratch_write(path, text, strlen(text), &err) == 0, "%s", err.text);
}

START_TEST(it_is_opened_under_tmpdir_and_removed_with_all_it_holds) {
    struct scratch scratch;
    struct error err = {0};
    struct stat info;
    char folder[SCRATCH_PATH], file[SCRATCH_PATH + 16], link[SCRATCH_PATH + 16], outside[PATH_BYTES];

    ck_assert_int_eq(scratch_open(&scratch, &err), 0);
    ck_assert_int_eq(strncmp(scratch.path, root, strlen(root)), 0);
    ck_assert_int_eq(stat(scratch.path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 07777, 0755);
    ck_assert_int_eq(scratch_folder(&scratch, "inner", folder, &err), 0);
    snprintf(file, sizeof file, "%s/file", folder);
    put(file, "x");
    put(at(outside, "outside"), "kept");
    snprintf(link, sizeof link, "%s/link", folder);
    ck_assert_int_eq(symlink(root, link), 0);
    ck_assert_int_eq(chmod(folder, 0500), 0);
    char was[SCRATCH_PATH];
    strcpy(was, scratch.path);
    scratch_release(&scratch);
    ck_assert_int_ne(access(was, F_OK), 0);
    ck_assert_int_eq(access(outside, F_OK), 0);
    ck_assert_str_eq(scratch.path, "");
    scratch_release(&scratch);
}
END_TEST

START_TEST(two_folders_differ) {
    struct scratch a, b;
    struct error err = {0};

    ck_assert_int_eq(scratch_open(&a, &err), 0);
    ck_assert_int_eq(scratch_open(&b, &err), 0);
    ck_assert_str_ne(a.path, b.path);
    scratch_release(&a);
    scratch_release(&b);
}
END_TEST

START_TEST(no_tmpdir_is_our_error_with_the_remedy) {
    struct scratch scratch;
    struct error err = {.owner = ERROR_USER};
    char missing[PATH_BYTES];

    setenv("TMPDIR", at(missing, "missing"), 1);
    ck_assert_int_eq(scratch_open(&scratch, &err), -1);
    ck_assert_int_eq((int)err.owner, (int)ERROR_HARNESS);
    ck_assert_ptr_nonnull(strstr(err.text, missing));
    ck_assert_ptr_nonnull(strstr(err.text, "TMPDIR"));
    ck_assert_str_eq(scratch.path, "");
}
END_TEST

/* A relative or a very long TMPDIR is passed over: the paths would not hold elsewhere or not fit. */
START_TEST(unusable_tmpdir_is_passed_over) {
    struct scratch scratch;
    struct error err = {0};
    char text[200];

    memset(text, 'a', sizeof text - 1);
    text[0] = '/';
    text[sizeof text - 1] = '\0';
    setenv("TMPDIR", _i == 0 ? "relative" : text, 1);
    ck_assert_int_eq(scratch_open(&scratch, &err), 0);
    ck_assert_int_eq(strncmp(scratch.path, "/tmp/", 5), 0);
    scratch_release(&scratch);
}
END_TEST

START_TEST(a_copy_has_the_bytes_and_the_mode) {
    static const char text[] = "one\0two";
    char from[PATH_BYTES], to[PATH_BYTES], *bytes = NULL;
    size_t size = 0;
    struct error err = {0};
    struct stat info;

    ck_assert_int_eq(scratch_write(at(from, "from"), text, sizeof text, &err), 0);
    ck_assert_int_eq(scratch_copy(from, at(to, "to"), sizeof text, 0755, &err), 0);
    ck_assert_int_eq(stat(to, &info), 0);
    ck_assert_uint_eq(info.st_mode & 07777, 0755);
    ck_assert_int_eq(scratch_read(to, sizeof text, &bytes, &size, &err), 0);
    ck_assert_uint_eq(size, sizeof text);
    ck_assert_mem_eq(bytes, text, sizeof text);
    ck_assert_int_eq(bytes[size], '\0');
    free(bytes);
}
END_TEST

START_TEST(an_empty_file_is_read) {
    char path[PATH_BYTES], *bytes = NULL;
    size_t size = 1;
    struct error err = {0};

    put(at(path, "empty"), "");
    ck_assert_int_eq(scratch_read(path, 0, &bytes, &size, &err), 0);
    ck_assert_uint_eq(size, 0);
    ck_assert_str_eq(bytes, "");
    free(bytes);
}
END_TEST

static void must_refuse(const char *path, size_t limit, const char *word) {
    char to[PATH_BYTES], *bytes = NULL;
    size_t size = 0;
    struct error err = {.owner = ERROR_HARNESS};

    ck_assert_int_eq(scratch_read(path, limit, &bytes, &size, &err), -1);
    ck_assert_int_eq((int)err.owner, (int)ERROR_USER);
    ck_assert_msg(strstr(err.text, path) != NULL && strstr(err.text, word) != NULL, "%s", err.text);
    ck_assert_ptr_null(bytes);
    ck_assert_int_eq(scratch_copy(path, at(to, "to"), limit, 0644, &err), -1);
    ck_assert_int_eq((int)err.owner, (int)ERROR_HARNESS);
    ck_assert_int_ne(access(to, F_OK), 0);
}

START_TEST(one_byte_too_much_is_refused) {
    char path[PATH_BYTES];

    put(at(path, "large"), "12345");
    must_refuse(path, 4, "larger");
}
END_TEST

START_TEST(what_is_no_file_is_refused) {
    char path[PATH_BYTES];

    must_refuse(at(path, "missing"), 10, "No such file");
    must_refuse(root, 1 << 20, "folder");
    must_refuse("/dev/zero", 1 << 20, "not a regular file");
    ck_assert_int_eq(symlink("nowhere", at(path, "dangling")), 0);
    must_refuse(path, 10, "No such file");
}
END_TEST

/* The test's time limit is the assertion: opening a fifo without a writer waits for ever. */
START_TEST(a_fifo_does_not_block) {
    char path[PATH_BYTES];

    ck_assert_int_eq(mkfifo(at(path, "fifo"), 0644), 0);
    must_refuse(path, 1 << 20, "not a regular file");
}
END_TEST

START_TEST(a_link_to_a_file_is_read_and_never_written) {
    char file[PATH_BYTES], link[PATH_BYTES], *bytes = NULL;
    size_t size = 0;
    struct error err = {0};

    put(at(file, "file"), "text");
    ck_assert_int_eq(symlink(file, at(link, "link")), 0);
    ck_assert_int_eq(scratch_read(link, 10, &bytes, &size, &err), 0);
    ck_assert_str_eq(bytes, "text");
    free(bytes);
    ck_assert_int_eq(scratch_read_unlinked(link, 10, &bytes, &size, &err), -1);
    ck_assert_int_eq((int)err.owner, (int)ERROR_USER);
    ck_assert_ptr_nonnull(strstr(err.text, "is a symbolic link"));
    ck_assert_int_eq(scratch_read_unlinked(file, 10, &bytes, &size, &err), 0);
    ck_assert_str_eq(bytes, "text");
    free(bytes);
    ck_assert_int_eq(scratch_write(link, "other", 5, &err), -1);
    ck_assert_int_eq(scratch_copy(file, link, 10, 0644, &err), -1);
    ck_assert_int_eq(scratch_read(file, 10, &bytes, &size, &err), 0);
    ck_assert_str_eq(bytes, "text");
    free(bytes);
}
END_TEST

START_TEST(writing_says_where_it_failed) {
    char path[PATH_BYTES];
    struct error err = {.owner = ERROR_USER};

    ck_assert_int_eq(scratch_write(at(path, "no/such/folder"), "x", 1, &err), -1);
    ck_assert_int_eq((int)err.owner, (int)ERROR_HARNESS);
    ck_assert_ptr_nonnull(strstr(err.text, path));
    if (access("/dev/full", W_OK) == 0) {
        ck_assert_int_eq(scratch_write("/dev/full", "x", 1, &err), -1);
        ck_assert_ptr_nonnull(strstr(err.text, "/dev/full"));
        ck_assert_ptr_nonnull(strstr(err.text, "disk full"));
    }
}
END_TEST

/* The pid of a process that has ended: no other can have it with the same start time. */
static int dead_pid(void) {
    const pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    return (int)pid;
}

static void make_folder(const char *name, char path[PATH_BYTES]) {
    char file[PATH_BYTES + 8];

    ck_assert_int_eq(mkdir(at(path, name), 0755), 0);
    snprintf(file, sizeof file, "%s/file", path);
    put(file, "x");
}

/* The first part of every tag of ours. */
static const char *here(void) {
    static char tag[OWNER_TAG];

    owner_tag(tag);
    return tag;
}

START_TEST(folders_of_dead_owners_are_removed) {
    char name[128], dead[PATH_BYTES], reused[PATH_BYTES];

    snprintf(name, sizeof name, "harness-%.16s-%d-12345-AbCdEf", here(), dead_pid());
    make_folder(name, dead);
    /* Our own pid with another start time: the owner is dead and the kernel has given the number away again. */
    snprintf(name, sizeof name, "harness-%.16s-%d-1-AbCdEf", here(), (int)getpid());
    make_folder(name, reused);
    scratch_clean_stale();
    ck_assert_int_ne(access(dead, F_OK), 0);
    ck_assert_int_ne(access(reused, F_OK), 0);
}
END_TEST

/* From another container or machine: its owner cannot be looked for, so only age tells. */
START_TEST(folders_from_elsewhere_are_given_a_day) {
    const time_t hour = 60 * 60, now = time(NULL);
    char name[128], young[PATH_BYTES], old[PATH_BYTES];

    snprintf(name, sizeof name, "harness-00c0ffee00c0ffee-%d-12345-young1", dead_pid());
    make_folder(name, young);
    snprintf(name, sizeof name, "harness-00c0ffee00c0ffee-%d-12345-oldold", dead_pid());
    make_folder(name, old);
    ck_assert_int_eq(utimensat(AT_FDCWD, young, (struct timespec[2]){{.tv_sec = now}, {.tv_sec = now - 23 * hour}}, 0),
                     0);
    ck_assert_int_eq(utimensat(AT_FDCWD, old, (struct timespec[2]){{.tv_sec = now}, {.tv_sec = now - 25 * hour}}, 0),
                     0);
    scratch_clean_stale();
    ck_assert_int_eq(access(young, F_OK), 0);
    ck_assert_int_ne(access(old, F_OK), 0);
}
END_TEST

/* The folder is one that another uid works in. */
START_TEST(a_folder_is_open_to_others_whatever_the_umask) {
    struct scratch scratch;
    struct stat info;
    char folder[SCRATCH_PATH];

    const mode_t before = umask(_i == 0 ? 077 : 0);
    ck_assert_int_eq(scratch_open(&scratch, NULL), 0);
    ck_assert_int_eq(stat(scratch.path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 07777, 0755);
    ck_assert_int_eq(scratch_folder(&scratch, "inner", folder, NULL), 0);
    ck_assert_int_eq(stat(folder, &info), 0);
    ck_assert_uint_eq(info.st_mode & 07777, 0755);
    umask(before);
    scratch_release(&scratch);
}
END_TEST

START_TEST(a_killed_owner_leaves_nothing_for_long) {
    char was[SCRATCH_PATH];
    int said[2];

    ck_assert_int_eq(pipe(said), 0);
    const pid_t owner = fork();
    if (owner == 0) {
        struct scratch scratch;
        if (scratch_open(&scratch, NULL) != 0 || write(said[1], scratch.path, sizeof was) != sizeof was)
            _exit(1);
        pause();
    }
    ck_assert_int_eq(read(said[0], was, sizeof was), sizeof was);
    scratch_clean_stale();
    ck_assert_msg(access(was, F_OK) == 0, "the folder of a living owner was removed");
    kill(owner, SIGKILL);
    ck_assert_int_eq(waitpid(owner, NULL, 0), owner);
    scratch_clean_stale();
    ck_assert_msg(access(was, F_OK) != 0, "%s is still there", was);
    close(said[0]);
    close(said[1]);
}
END_TEST

START_TEST(everything_else_is_left_alone) {
    static const char *const names[] = {"harness",          "harness-",      "harness-abc",  "harness-1-",
                                        "harness-99999999", "other-1-2-abc", "harness--5-x", "harness-1-2-abc"};
    char path[PATH_BYTES], file[PATH_BYTES], name[128];
    struct scratch mine;

    ck_assert_int_eq(scratch_open(&mine, NULL), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        make_folder(names[i], path);
    /* A plain file under the name of a dead owner's folder, and a link. */
    snprintf(name, sizeof name, "harness-%.16s-%d-7-file", here(), dead_pid());
    put(at(file, name), "x");
    snprintf(name, sizeof name, "harness-%.16s-%d-7-link", here(), dead_pid());
    ck_assert_int_eq(symlink(root, at(path, name)), 0);
    scratch_clean_stale();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_msg(access(at(path, names[i]), F_OK) == 0, "%s was removed", names[i]);
    ck_assert_int_eq(access(file, F_OK), 0);
    ck_assert_int_eq(access(mine.path, F_OK), 0);
    scratch_release(&mine);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("scratch");
    TCase *tests = tcase_create("scratch");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tests, make_root, remove_root);
    tcase_add_test(tests, it_is_opened_under_tmpdir_and_removed_with_all_it_holds);
    tcase_add_test(tests, two_folders_differ);
    tcase_add_test(tests, no_tmpdir_is_our_error_with_the_remedy);
    tcase_add_loop_test(tests, unusable_tmpdir_is_passed_over, 0, 2);
    tcase_add_test(tests, a_copy_has_the_bytes_and_the_mode);
    tcase_add_test(tests, an_empty_file_is_read);
    tcase_add_test(tests, one_byte_too_much_is_refused);
    tcase_add_test(tests, what_is_no_file_is_refused);
    tcase_add_test(tests, a_fifo_does_not_block);
    tcase_add_test(tests, a_link_to_a_file_is_read_and_never_written);
    tcase_add_test(tests, writing_says_where_it_failed);
    tcase_add_test(tests, folders_of_dead_owners_are_removed);
    tcase_add_test(tests, folders_from_elsewhere_are_given_a_day);
    tcase_add_loop_test(tests, a_folder_is_open_to_others_whatever_the_umask, 0, 2);
    tcase_add_test(tests, a_killed_owner_leaves_nothing_for_long);
    tcase_add_test(tests, everything_else_is_left_alone);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
