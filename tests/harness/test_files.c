/* SPDX-License-Identifier: MIT */
/* Files of the user: which challenge a submission is for, and reports that are written whole or not at all. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/scratch.h"
#include "harness/identify.h"
#include "harness/outfile.h"

static char folder[64];
static struct error error;

static void make_folder(void) {
    snprintf(folder, sizeof folder, "/tmp/harness-test-XXXXXX");
    ck_assert_ptr_ne(mkdtemp(folder), NULL);
    ck_assert_int_eq(chdir(folder), 0);
    unsetenv("HARNESS_PATH");
}

static void remove_folder(void) {
    ck_assert_int_eq(chdir("/"), 0);
    scratch_remove_tree(folder);
}

static void put(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    ck_assert_ptr_ne(file, NULL);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

static char *get(const char *path) {
    static char text[256];
    FILE *file = fopen(path, "r");
    ck_assert_ptr_ne(file, NULL);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void make_packs(struct packs *packs) {
    char *roots[] = {(char *)"packs"};
    ck_assert_int_eq(mkdir("packs", 0755), 0);
    ck_assert_int_eq(mkdir("packs/test-scale", 0755), 0);
    ck_assert_int_eq(mkdir("packs/test-pair", 0755), 0);
    ck_assert_int_eq(mkdir("packs/empty", 0755), 0);
    put("packs/test-scale/challenge.json", "{}");
    put("packs/test-pair/challenge.json", "not even JSON");
    ck_assert_msg(packs_find(roots, 1, packs, &error) == 0, "%s", error.text);
}

START_TEST(directive) {
    static const struct {
        const char *text, *id;
    } EACH[] = {{"// harness: abc-1\n", "abc-1"},
                {"#include <x.h>\n\t//  harness:  abc \n", "abc"},
                {"/* harness: abc */", "abc"},
                {"// expect: passed\n// harness: abc", "abc"},
                {"// harness: \n// harness: later", "later"},
                {"int x; // harness: abc\n", NULL},
                {"// harness abc\n", NULL},
                {"", NULL}};
    for (size_t i = 0; i < sizeof EACH / sizeof EACH[0]; i++) {
        char *id = identify_directive(EACH[i].text);
        ck_assert_msg((id == NULL) == (EACH[i].id == NULL) && (id == NULL || strcmp(id, EACH[i].id) == 0), "%s: %s",
                      EACH[i].text, id);
        free(id);
    }
    char far[8000];
    memset(far, '\n', sizeof far);
    snprintf(far + 5000, 100, "// harness: abc\n");
    ck_assert_ptr_eq(identify_directive(far), NULL);
}
END_TEST

START_TEST(which_challenge) {
    static const struct {
        const char *file, *text, *wanted, *id;
    } EACH[] = {
        {"a.c", "// harness: test-pair\n#include \"test-scale.h\"\n", NULL, "test-pair"},
        {"a.c", "// harness: test-pair\n", "test-scale", "test-scale"},
        {"a.c", "#include <math.h>\n # include \"other.h\"\n#  include \"test-scale.h\"\n", NULL, "test-scale"},
        {"test_pair.c", "int x;\n", NULL, "test-pair"},
        {"test-pair.c", "", NULL, "test-pair"},
        {"test-pair", "\xff\xfe", NULL, "test-pair"},
    };
    struct packs packs;
    make_packs(&packs);
    ck_assert_ptr_eq(packs_get(&packs, "empty"), NULL);
    for (size_t i = 0; i < sizeof EACH / sizeof EACH[0]; i++) {
        const struct pack *pack = NULL;
        put(EACH[i].file, EACH[i].text);
        ck_assert_msg(identify(&packs, EACH[i].file, EACH[i].wanted, &pack, &error) == 0, "%s", error.text);
        ck_assert_str_eq(pack->id, EACH[i].id);
    }
    packs_release(&packs);
}
END_TEST

START_TEST(no_challenge) {
    static const struct {
        const char *file, *text, *wanted, *contains;
    } EACH[] = {
        {"tst_scale.c", "", NULL, "did you mean 'test-scale'"},
        {"zzzzzzzzz.c", "", NULL, "--challenge ID"},
        {"a.c", "// harness: test-scal\n", NULL, "did you mean 'test-scale'"},
        {"a.c", "// harness: zzzzzzzzz\n", NULL, "`harness list`"},
        {"a.c", "", "test-pare", "did you mean 'test-pair'"},
        {"packs", NULL, NULL, "is a folder"},
        {"missing.c", NULL, NULL, "there is no file 'missing.c'"},
        {"/dev/null", NULL, NULL, "not a regular file"},
        {"packs/test-scale/challenge.json/x.c", NULL, NULL, "cannot read"},
    };
    struct packs packs;
    make_packs(&packs);
    for (size_t i = 0; i < sizeof EACH / sizeof EACH[0]; i++) {
        const struct pack *pack = NULL;
        if (EACH[i].text != NULL)
            put(EACH[i].file, EACH[i].text);
        ck_assert_int_eq(identify(&packs, EACH[i].file, EACH[i].wanted, &pack, &error), -1);
        ck_assert_int_eq(error.owner, ERROR_USER);
        ck_assert_msg(strstr(error.text, EACH[i].contains) != NULL, "%s", error.text);
    }
    packs_release(&packs);
}
END_TEST

START_TEST(a_pipe_does_not_hold_up) {
    struct packs packs;
    const struct pack *pack = NULL;
    make_packs(&packs);
    ck_assert_int_eq(mkfifo("pipe.c", 0600), 0);
    ck_assert_int_eq(identify(&packs, "pipe.c", NULL, &pack, &error), -1);
    packs_release(&packs);
}
END_TEST

START_TEST(folders_of_challenges) {
    struct packs packs;
    char *missing[] = {(char *)"nowhere"}, *single[] = {(char *)"packs/test-scale"};
    make_packs(&packs);
    packs_release(&packs);
    ck_assert_int_eq(packs_find(missing, 1, &packs, &error), -1);
    ck_assert_ptr_ne(strstr(error.text, "nowhere"), NULL);
    ck_assert_int_eq(packs_find(single, 1, &packs, &error), 0);
    ck_assert_ptr_ne(packs_get(&packs, "test-scale"), NULL);
    ck_assert_ptr_eq(packs_get(&packs, "test-pair"), NULL);
    packs_release(&packs);
    setenv("HARNESS_PATH", ":packs:", 1);
    ck_assert_int_eq(packs_find(NULL, 0, &packs, &error), 0);
    ck_assert_ptr_ne(packs_get(&packs, "test-pair"), NULL);
    packs_release(&packs);
    setenv("HARNESS_PATH", "packs:nowhere", 1);
    ck_assert_int_eq(packs_find(NULL, 0, &packs, &error), -1);
    ck_assert_ptr_ne(strstr(error.text, "HARNESS_PATH"), NULL);
}
END_TEST

START_TEST(reports_are_written_whole) {
    ck_assert_int_eq(outfile_check("new.json", &error), 0);
    ck_assert_int_eq(outfile_write("new.json", "one", &error), 0);
    ck_assert_str_eq(get("new.json"), "one");
    ck_assert_int_eq(chmod("new.json", 0640), 0);
    ck_assert_int_eq(symlink("new.json", "link.json"), 0);
    ck_assert_int_eq(outfile_write("link.json", "two", &error), 0);
    ck_assert_str_eq(get("new.json"), "two");
    struct stat status;
    ck_assert_int_eq(lstat("link.json", &status), 0);
    ck_assert(S_ISLNK(status.st_mode));
    ck_assert_int_eq(stat("new.json", &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0640);
    ck_assert_int_eq(system("test -z \"$(find . -name '.harness-report*')\""), 0);
}
END_TEST

START_TEST(devices_stay_devices) {
    struct stat status;
    ck_assert_int_eq(outfile_write("/dev/null", "x", &error), 0);
    ck_assert_int_eq(stat("/dev/null", &status), 0);
    ck_assert(S_ISCHR(status.st_mode));
    ck_assert_int_eq(outfile_write("/dev/full", "x", &error), -1);
    ck_assert_int_eq(error.owner, ERROR_HARNESS);
    ck_assert_ptr_ne(strstr(error.text, "No space left"), NULL);
}
END_TEST

START_TEST(wrong_paths_are_the_users) {
    static const char *const WRONG[] = {"nowhere/x.json", "packs", "", "plain/x.json"};
    ck_assert_int_eq(mkdir("packs", 0755), 0);
    put("plain", "");
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        ck_assert_int_eq(outfile_check(WRONG[i], &error), -1);
        ck_assert_int_eq(error.owner, ERROR_USER);
    }
    ck_assert_int_eq(outfile_check("-", &error), 0);
    ck_assert_int_eq(outfile_write("nowhere/x.json", "x", &error), -1);
    ck_assert_int_eq(error.owner, ERROR_USER);
}
END_TEST

START_TEST(a_report_in_pieces) {
    struct outfile out;
    struct stat status;
    put("r.json", "old");
    ck_assert_int_eq(chmod("r.json", 0640), 0);
    ck_assert_int_eq(outfile_begin("r.json", &out, &error), 0);
    fputs("new", out.stream);
    ck_assert_str_eq(get("r.json"), "old");
    ck_assert_int_eq(outfile_end(&out, false, &error), 0);
    ck_assert_str_eq(get("r.json"), "old");
    ck_assert_int_eq(outfile_begin("r.json", &out, &error), 0);
    fputs("new", out.stream);
    fputs("er", out.stream);
    ck_assert_int_eq(outfile_end(&out, true, &error), 0);
    ck_assert_str_eq(get("r.json"), "newer");
    ck_assert_int_eq(stat("r.json", &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0640);
    ck_assert_int_eq(outfile_begin("none/r.json", &out, &error), -1);
    ck_assert_int_eq(error.owner, ERROR_USER);
    ck_assert_int_eq(outfile_begin("/dev/full", &out, &error), 0);
    fputs("new", out.stream);
    ck_assert_int_eq(outfile_end(&out, true, &error), -1);
    ck_assert_int_eq(error.owner, ERROR_HARNESS);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("files");
    TCase *tests = tcase_create("files");
    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    tcase_add_test(tests, directive);
    tcase_add_test(tests, which_challenge);
    tcase_add_test(tests, no_challenge);
    tcase_add_test(tests, a_pipe_does_not_hold_up);
    tcase_add_test(tests, folders_of_challenges);
    tcase_add_test(tests, reports_are_written_whole);
    tcase_add_test(tests, devices_stay_devices);
    tcase_add_test(tests, wrong_paths_are_the_users);
    tcase_add_test(tests, a_report_in_pieces);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
