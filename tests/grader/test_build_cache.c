/* SPDX-License-Identifier: MIT */
/* The cache of compiled packs: a key that any input changes, a store that is all or nothing, and no complaint where
 * nothing can be kept. Every test has a cache and a source folder of its own. */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/build_cache.h"
#include "grader/owner.h"
#include "grader/scratch.h"

enum { PATH_BYTES = 700 };

static char root[64], source[96];
static const char key[] = "0123456789abcdef0123456789abcdef";
static const char *const names[] = {"one.so", "two.so"};

static void put(const char *folder, const char *name, const char *text) {
    char path[PATH_BYTES];
    struct error err = {0};

    snprintf(path, sizeof path, "%s/%s", folder, name);
    ck_assert_msg(scratch_write(path, text, strlen(text), &err) == 0, "%s", err.text);
}

static void start(void) {
    snprintf(root, sizeof root, "/tmp/test-cache-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
    setenv("XDG_CACHE_HOME", root, 1);
    snprintf(source, sizeof source, "%s/source", root);
    ck_assert_int_eq(mkdir(source, 0755), 0);
    put(source, "one.so", "first");
    put(source, "two.so", "second");
}

static void stop(void) {
    scratch_remove_tree(root);
}

static void check_file(const char *folder, const char *name, const char *wanted) {
    char path[PATH_BYTES], *text = NULL;
    size_t size = 0;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    ck_assert_msg(scratch_read(path, 1 << 20, &text, &size, NULL) == 0, "%s is not there", path);
    ck_assert_str_eq(text, wanted);
    free(text);
}

/* Entries of the cache folder itself. */
static size_t count_entries(void) {
    char path[PATH_BYTES];
    size_t count = 0;

    snprintf(path, sizeof path, "%s/harness", root);
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    if (folder != NULL)
        closedir(folder);
    return count;
}

static void make_key(const char *const *piece, size_t count, char made[BUILD_CACHE_KEY]) {
    struct build_cache_hash hash;

    build_cache_hash_init(&hash);
    for (size_t i = 0; i < count; i++)
        build_cache_hash_bytes(&hash, piece[i], strlen(piece[i]));
    build_cache_hash_key(&hash, made);
}

START_TEST(any_input_changes_the_key) {
    static const char *const variants[][3] = {{"ab", "c", "d"}, {"a", "bc", "d"}, {"abc", "", "d"}, {"", "abc", "d"},
                                              {"ab", "d", "c"}, {"ab", "c", "e"}, {"Ab", "c", "d"}};
    enum { VARIANTS = sizeof variants / sizeof *variants };
    char made[VARIANTS][BUILD_CACHE_KEY], again[BUILD_CACHE_KEY];

    for (size_t i = 0; i < VARIANTS; i++) {
        make_key(variants[i], 3, made[i]);
        ck_assert_uint_eq(strlen(made[i]), BUILD_CACHE_KEY - 1);
        ck_assert_uint_eq(strspn(made[i], "0123456789abcdef"), BUILD_CACHE_KEY - 1);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(made[k], made[i]);
    }
    make_key(variants[0], 3, again);
    ck_assert_str_eq(again, made[0]);
    make_key(variants[0], 2, again);
    ck_assert_str_ne(again, made[0]);
}
END_TEST

START_TEST(a_file_counts_by_its_bytes) {
    char made[4][BUILD_CACHE_KEY], path[PATH_BYTES];
    static const char *const texts[] = {"int x;\n", "int x; \n", "", "int x;\n"};

    snprintf(path, sizeof path, "%s/file.c", root);
    for (size_t i = 0; i < 4; i++) {
        struct build_cache_hash hash;
        put(root, "file.c", texts[i]);
        build_cache_hash_init(&hash);
        ck_assert(build_cache_hash_file(&hash, path));
        build_cache_hash_key(&hash, made[i]);
    }
    ck_assert_str_ne(made[0], made[1]);
    ck_assert_str_ne(made[0], made[2]);
    ck_assert_str_eq(made[0], made[3]);
}
END_TEST

START_TEST(a_missing_file_is_told) {
    struct build_cache_hash hash;
    char path[PATH_BYTES];

    snprintf(path, sizeof path, "%s/missing", root);
    build_cache_hash_init(&hash);
    ck_assert(!build_cache_hash_file(&hash, path));
    ck_assert(!build_cache_hash_file(&hash, root));
}
END_TEST

START_TEST(the_machine_counts) {
    struct build_cache_hash with, without;
    char a[BUILD_CACHE_KEY], b[BUILD_CACHE_KEY], again[BUILD_CACHE_KEY];

    build_cache_hash_init(&with);
    build_cache_hash_init(&without);
    build_cache_hash_machine(&with);
    build_cache_hash_key(&with, a);
    build_cache_hash_key(&without, b);
    ck_assert_str_ne(a, b);
    build_cache_hash_init(&with);
    build_cache_hash_machine(&with);
    build_cache_hash_key(&with, again);
    ck_assert_str_eq(a, again);
}
END_TEST

START_TEST(what_is_stored_is_found) {
    char path[BUILD_CACHE_PATH];

    ck_assert(!build_cache_find(key, names, 2, path));
    build_cache_store(key, source, names, 2);
    ck_assert(build_cache_find(key, names, 2, path));
    ck_assert_int_eq(strncmp(path, root, strlen(root)), 0);
    check_file(path, "one.so", "first");
    check_file(path, "two.so", "second");
    ck_assert_uint_eq(count_entries(), 1);
    ck_assert(!build_cache_find("00000000000000000000000000000000", names, 2, path));
}
END_TEST

START_TEST(half_a_pack_is_never_stored) {
    static const char *const more[] = {"one.so", "missing.so", "two.so"};
    char path[BUILD_CACHE_PATH];

    build_cache_store(key, source, more, 3);
    ck_assert(!build_cache_find(key, names, 2, path));
    ck_assert_uint_eq(count_entries(), 0);
}
END_TEST

START_TEST(the_first_store_stays) {
    char path[BUILD_CACHE_PATH];

    build_cache_store(key, source, names, 2);
    put(source, "one.so", "changed");
    build_cache_store(key, source, names, 2);
    ck_assert(build_cache_find(key, names, 2, path));
    check_file(path, "one.so", "first");
    ck_assert_uint_eq(count_entries(), 1);
}
END_TEST

/* Several graders that compile the same pack: whoever looks sees nothing or all of one store. */
START_TEST(stores_may_race) {
    enum { PROCESSES = 4, ROUNDS = 25 };
    char path[BUILD_CACHE_PATH];

    for (int round = 0; round < ROUNDS; round++) {
        char this_key[BUILD_CACHE_KEY];
        pid_t pid[PROCESSES];
        snprintf(this_key, sizeof this_key, "%032d", round);
        for (int i = 0; i < PROCESSES; i++) {
            pid[i] = fork();
            if (pid[i] != 0)
                continue;
            build_cache_store(this_key, source, names, 2);
            _exit(build_cache_find(this_key, names, 2, path) ? 0 : 1);
        }
        for (int i = 0; i < PROCESSES; i++) {
            int status = -1;
            ck_assert_int_eq(waitpid(pid[i], &status, 0), pid[i]);
            ck_assert_int_eq(status, 0);
        }
        ck_assert(build_cache_find(this_key, names, 2, path));
        check_file(path, "one.so", "first");
        check_file(path, "two.so", "second");
        ck_assert_uint_eq(count_entries(), (size_t)round + 1);
    }
}
END_TEST

static void nothing_is_kept(void) {
    char path[BUILD_CACHE_PATH];

    ck_assert(!build_cache_root(path));
    ck_assert(!build_cache_find(key, names, 2, path));
    build_cache_store(key, source, names, 2);
    ck_assert(!build_cache_find(key, names, 2, path));
}

START_TEST(no_home_is_no_error) {
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    nothing_is_kept();
    setenv("HOME", "relative", 1);
    nothing_is_kept();
    setenv("HOME", "/nonexistent/home", 1);
    nothing_is_kept();
}
END_TEST

START_TEST(an_unwritable_cache_is_no_error) {
    char file[PATH_BYTES];

    /* A file where the folder should be stops root as well. */
    snprintf(file, sizeof file, "%s/file", root);
    put(root, "file", "");
    setenv("XDG_CACHE_HOME", file, 1);
    nothing_is_kept();
    setenv("XDG_CACHE_HOME", "/proc", 1);
    nothing_is_kept();
}
END_TEST

START_TEST(home_is_used_without_xdg) {
    char path[BUILD_CACHE_PATH], wanted[PATH_BYTES];

    unsetenv("XDG_CACHE_HOME");
    setenv("HOME", root, 1);
    ck_assert(build_cache_root(path));
    snprintf(wanted, sizeof wanted, "%s/.cache/harness", root);
    ck_assert_str_eq(path, wanted);
}
END_TEST

static void check_spoilt_is_gone(void) {
    char path[BUILD_CACHE_PATH];

    ck_assert(!build_cache_find(key, names, 2, path));
    ck_assert_uint_eq(count_entries(), 0);
    build_cache_store(key, source, names, 2);
    ck_assert(build_cache_find(key, names, 2, path));
    check_file(path, "two.so", "second");
}

/* What a power cut or a full disk leaves of an entry that had its name already. */
START_TEST(a_spoilt_entry_is_removed) {
    static const char *const spoil[][2] = {{"two.so", ""},      {"two.so", "secone"}, {"sum.txt", ""},
                                           {"sum.txt", "0123"}, {"two.so", NULL},     {"sum.txt", NULL}};
    char path[BUILD_CACHE_PATH], file[PATH_BYTES];

    build_cache_store(key, source, names, 2);
    ck_assert(build_cache_find(key, names, 2, path));
    snprintf(file, sizeof file, "%s/%s", path, spoil[_i][0]);
    ck_assert_int_eq(unlink(file), 0);
    if (spoil[_i][1] != NULL)
        put(path, spoil[_i][0], spoil[_i][1]);
    check_spoilt_is_gone();
}
END_TEST

START_TEST(other_files_than_were_stored_are_not_found) {
    static const char *const swapped[] = {"two.so", "one.so"};
    char path[BUILD_CACHE_PATH];

    build_cache_store(key, source, names, 2);
    ck_assert(!build_cache_find(key, swapped, 2, path));
}
END_TEST

START_TEST(what_a_killed_grader_began_is_removed) {
    char path[PATH_BYTES], tag[OWNER_TAG], mine[PATH_BYTES];
    int ended = 0;

    build_cache_store(key, source, names, 2);
    pid_t pid = fork();
    if (pid == 0) {
        owner_tag(tag);
        snprintf(path, sizeof path, "%s/harness/new-%s-AbCdEf", root, tag);
        _exit(mkdir(path, 0700) == 0 ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(pid, &ended, 0), pid);
    ck_assert_int_eq(ended, 0);
    owner_tag(tag);
    snprintf(mine, sizeof mine, "%s/harness/new-%s-AbCdEf", root, tag);
    ck_assert_int_eq(mkdir(mine, 0700), 0);
    ck_assert_uint_eq(count_entries(), 3);
    build_cache_clean_stale();
    ck_assert_uint_eq(count_entries(), 2);
    ck_assert_int_eq(access(mine, F_OK), 0);
}
END_TEST

/* What others may write to would run with our rights. */
START_TEST(a_cache_that_others_may_write_is_not_used) {
    char path[BUILD_CACHE_PATH];

    ck_assert(build_cache_root(path));
    ck_assert_int_eq(chmod(path, _i == 0 ? 0777 : 0775), 0);
    nothing_is_kept();
    ck_assert_int_eq(chmod(path, 0700), 0);
    ck_assert(build_cache_root(path));
    if (geteuid() == 0) {
        ck_assert_int_eq(chown(path, 12345, 0), 0);
        nothing_is_kept();
    }
}
END_TEST

/* A path that does not fit must not become another one. */
START_TEST(a_very_long_home_is_passed_over) {
    char path[BUILD_CACHE_PATH], deep[PATH_BYTES];
    size_t length = (size_t)snprintf(deep, sizeof deep, "%s", root);

    while (length < 500) {
        length += (size_t)snprintf(deep + length, sizeof deep - length, "/%s", "aaaaaaaaaaaaaaaaaaaaaaaaa");
        ck_assert_int_eq(mkdir(deep, 0755), 0);
    }
    setenv("XDG_CACHE_HOME", deep, 1);
    ck_assert(!build_cache_root(path) || strncmp(path, deep, length) == 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("build_cache");
    TCase *tests = tcase_create("build_cache");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, any_input_changes_the_key);
    tcase_add_test(tests, a_file_counts_by_its_bytes);
    tcase_add_test(tests, a_missing_file_is_told);
    tcase_add_test(tests, the_machine_counts);
    tcase_add_test(tests, what_is_stored_is_found);
    tcase_add_test(tests, half_a_pack_is_never_stored);
    tcase_add_test(tests, the_first_store_stays);
    tcase_add_test(tests, stores_may_race);
    tcase_add_test(tests, no_home_is_no_error);
    tcase_add_test(tests, an_unwritable_cache_is_no_error);
    tcase_add_test(tests, home_is_used_without_xdg);
    tcase_add_test(tests, a_very_long_home_is_passed_over);
    tcase_add_loop_test(tests, a_spoilt_entry_is_removed, 0, 6);
    tcase_add_test(tests, other_files_than_were_stored_are_not_found);
    tcase_add_test(tests, what_a_killed_grader_began_is_removed);
    tcase_add_loop_test(tests, a_cache_that_others_may_write_is_not_used, 0, 2);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
