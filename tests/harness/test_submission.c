/* SPDX-License-Identifier: MIT */
/* From folders and files to tasks: whose they are, what they are called, and what stands against grading them. */
#include "batch_place.h"

#define SCALE "// harness: test-scale\n"
#define PAIR  "// harness: test-pair\n"

static struct submissions list;

START_TEST(a_folder_for_each_person) {
    place_put("in/gita/attention.c", SCALE);
    place_put("in/gita/week2/deep/test_pair.c", "int x;\n");
    place_put("in/hal/main.c", "#include \"test-scale.h\"\n");
    place_put("in/hal/test-scale.h", "int x;\n");
    place_put("in/hal/notes.txt", "nothing\n");
    place_put("in/hal/.hidden.c", SCALE);
    place_put("in/hal/__MACOSX/._main.c", SCALE);
    place_put("in/hal/build/CMakeFiles/3.25/CompilerIdC/CMakeCCompilerId.c", "int x;\n");
    place_put("in/README.md", "hello\n");
    place_find("in/", &list);
    ck_assert_uint_eq(list.count, 3);
    ck_assert_str_eq(list.item[0].task, "gita/test-pair");
    ck_assert_str_eq(list.item[0].shown, "in/gita/week2/deep/test_pair.c");
    ck_assert_str_eq(list.item[0].person, "gita");
    ck_assert_str_eq(list.item[0].pack->id, "test-pair");
    ck_assert_ptr_null(list.item[0].problem);
    ck_assert_str_eq(list.item[1].task, "gita/test-scale");
    ck_assert_str_eq(list.item[1].sha256, "95c6261d8afaf9ef419db9510546a2b3a47eed34f64181c660b39f1d54fd30f7");
    ck_assert_str_eq(list.item[2].task, "hal/test-scale");
    ck_assert_uint_eq(list.note_count, 0);
}
END_TEST

START_TEST(flat_files) {
    place_put("in/gita__test_scale.c", "int x;\n");
    place_put("in/hal__anything.c", PAIR);
    place_put("in/ann__test-pair.C", "int x;\n");
    place_put("in/Ann Lee_12345_assignsubmission_file_test_pair.c", "int x;\n");
    place_put("in/test_scale.c", "int x;\n");
    place_put("in/joe__what.c", "int x;\n");
    place_put("in/joe__test_pair.c", "// harness: test-sacle\n");
    place_find("in", &list);
    ck_assert_str_eq(place_task(&list, "gita/test-scale")->person, "gita");
    ck_assert_str_eq(place_task(&list, "hal/test-pair")->person, "hal");
    place_task(&list, "ann/test-pair");
    ck_assert_str_eq(place_task(&list, "Ann-Lee_12345/test-pair")->person, "Ann-Lee_12345");
    ck_assert_str_eq(place_task(&list, "test_scale/test-scale")->person, "");
    const struct submission *unknown = place_task(&list, "joe/joe__what.c");
    ck_assert_ptr_null(unknown->pack);
    ck_assert_ptr_nonnull(strstr(unknown->problem, "cannot tell which challenge 'in/joe__what.c' is for"));
    /* What the file says of itself is not overruled by its name. */
    ck_assert_ptr_nonnull(strstr(place_task(&list, "joe/joe__test_pair.c")->problem, "did you mean 'test-scale'?"));
    ck_assert_uint_eq(list.count, 7);
}
END_TEST

START_TEST(single_files) {
    char *arguments[] = {(char *)"a/gita__x.c", (char *)"b/work.c", (char *)"c/work.c", (char *)"b/work.c"};
    place_put("a/gita__x.c", SCALE);
    place_put("b/work.c", SCALE);
    place_put("c/work.c", SCALE);
    ck_assert_int_eq(submissions_find(&place_packs, arguments, 4, NULL, &list, &place_error), 0);
    ck_assert_uint_eq(list.count, 3);
    ck_assert_str_eq(place_task(&list, "gita/test-scale")->person, "gita");
    /* Two files of nobody's with one name are two submissions. */
    for (size_t i = 1; i < 3; i++) {
        ck_assert_str_eq(list.item[i].person, "");
        ck_assert_ptr_null(list.item[i].problem);
        ck_assert_int_eq(strncmp(list.item[i].task, "work-", 5), 0);
    }
}
END_TEST

START_TEST(two_files_for_one_challenge) {
    char *arguments[] = {(char *)"in"};
    place_put("in/gita/a.c", SCALE);
    place_put("in/gita/b.c", SCALE);
    place_put("in/gita/c.c", PAIR);
    place_put("in/gita__d.c", SCALE);
    place_put("in/hal/a.c", SCALE);
    place_find("in", &list);
    ck_assert_uint_eq(list.count, 3);
    const struct submission *two = place_task(&list, "gita/test-scale");
    ck_assert_ptr_nonnull(strstr(two->problem, "'in/gita/a.c' and 'in/gita/b.c' (and 1 more) are all for test-scale"));
    ck_assert_ptr_null(place_task(&list, "gita/test-pair")->problem);
    ck_assert_ptr_null(place_task(&list, "hal/test-scale")->problem);
    submissions_release(&list);
    ck_assert_int_eq(submissions_find(&place_packs, arguments, 1, "test-pair", &list, &place_error), 0);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_ptr_nonnull(place_task(&list, "gita/test-pair")->problem);
    ck_assert_str_eq(place_task(&list, "hal/test-pair")->path, "in/hal/a.c");
    submissions_release(&list);
    ck_assert_int_eq(submissions_find(&place_packs, arguments, 1, "test-pare", &list, &place_error), -1);
    ck_assert_ptr_nonnull(strstr(place_error.text, "did you mean 'test-pair'?"));
}
END_TEST

START_TEST(links_are_not_followed) {
    place_put("secret.c", SCALE);
    place_put("in/hal/a.c", SCALE);
    ck_assert_int_eq(symlink("../../secret.c", "in/hal/b.c"), 0);
    ck_assert_int_eq(mkdir("in/eve", 0755), 0);
    ck_assert_int_eq(symlink("../hal", "in/eve/week1"), 0);
    ck_assert_int_eq(symlink("hal", "in/ivy"), 0);
    ck_assert_int_eq(symlink("../secret.c", "in/joe__a.c"), 0);
    ck_assert_int_eq(mkfifo("in/hal/pipe.c", 0644), 0);
    place_find("in", &list);
    ck_assert_uint_eq(list.count, 1);
    ck_assert_str_eq(list.item[0].task, "hal/test-scale");
    ck_assert(place_noted(&list, "'in/hal/b.c' is a symbolic link"));
    ck_assert(place_noted(&list, "'in/eve/week1' is a symbolic link"));
    ck_assert(place_noted(&list, "no C file in 'in/eve'"));
    ck_assert(place_noted(&list, "'in/ivy' is a symbolic link"));
    ck_assert(place_noted(&list, "'in/joe__a.c' is a symbolic link"));
}
END_TEST

START_TEST(people_of_one_name) {
    place_put("in/Gita Rao/a.c", SCALE);
    place_put("in/Gita-Rao/a.c", SCALE);
    place_put("in/Gita\nRao/a.c", SCALE);
    place_put("in/\xe7\x8e\x8b\xe5\xb0\x8f/a.c", SCALE);
    place_put("in/\xe7\x8e\x8b\xe6\x98\x8e/a.c", SCALE);
    place_put("in/\xff\x1b[31m/a.c", SCALE);
    place_find("in", &list);
    ck_assert_uint_eq(list.count, 6);
    place_task(&list, "Gita-Rao/test-scale");
    for (size_t i = 0; i < list.count; i++) {
        ck_assert_ptr_null(list.item[i].problem);
        ck_assert_uint_eq(
            strspn(list.item[i].task, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@+-/"),
            strlen(list.item[i].task));
        ck_assert_ptr_null(strpbrk(list.item[i].shown, "\n\x1b\xff"));
        ck_assert(i == 0 || strcmp(list.item[i - 1].task, list.item[i].task) < 0);
    }
    ck_assert(place_noted(&list, "would both be called 'Gita-Rao'"));
    /* Names do not hang on who else is there, as long as nobody else has the same. */
    char *lone = strdup(list.item[list.count - 1].task);
    submissions_release(&list);
    ck_assert_int_eq(system("rm -r in/Gita*"), 0);
    place_find("in", &list);
    ck_assert_str_eq(list.item[list.count - 1].task, lone);
    free(lone);
}
END_TEST

START_TEST(long_and_odd_names) {
    char path[600], name[252];
    memset(name, 'x', 251);
    name[251] = '\0';
    snprintf(path, sizeof path, "in/%s/a.c", name);
    place_put(path, SCALE);
    name[250] = 'y';
    snprintf(path, sizeof path, "in/%s/a.c", name);
    place_put(path, SCALE);
    place_put("in/..hal/a.c", SCALE);
    place_put("in/-rf/a.c", SCALE);
    place_put("in/...ivy__a.c", SCALE);
    place_find("in", &list);
    ck_assert_uint_eq(list.count, 3); /* two of them are hidden */
    for (size_t i = 0; i < list.count; i++)
        ck_assert_uint_le(strlen(list.item[i].task), 120);
    place_task(&list, "-rf/test-scale");
}
END_TEST

/* Shown escaped, all of these pairs are alike; they are different files all the same. */
START_TEST(names_that_look_the_same) {
    static const char *const NAME[] = {"a b.c", "a\tb.c", "\n\\n\n.c", "\\n\n\n.c"};
    char path[64];
    for (size_t i = 0; i < sizeof NAME / sizeof NAME[0]; i++) {
        snprintf(path, sizeof path, "in/ana/%s", NAME[i]);
        place_put(path, i % 2 != 0 ? "int x;\n" : "int y;\n");
    }
    place_find("in", &list);
    ck_assert_uint_eq(list.count, 4);
    for (size_t i = 1; i < list.count; i++)
        ck_assert_str_lt(list.item[i - 1].task, list.item[i].task);
}
END_TEST

START_TEST(what_cannot_be_graded) {
    place_put("in/gita/empty_file.c", "");
    place_put("in/gita/huge.c", SCALE);
    ck_assert_int_eq(truncate("in/gita/huge.c", (1 << 20) + 1), 0);
    place_put("in/gita/a/main.c", "int main;\n");
    place_put("in/gita/b/main.c", "int main;\n");
    place_put("in/gita/empty_scale/test_scale.c", "");
    place_find("in", &list);
    ck_assert_uint_eq(list.count, 5);
    for (size_t i = 0; i < list.count; i++)
        ck_assert_ptr_nonnull(list.item[i].problem);
    const struct submission *huge = place_task(&list, "gita/huge.c");
    ck_assert_ptr_nonnull(strstr(huge->problem, "larger than is allowed"));
    ck_assert_str_eq(huge->sha256, "");
    place_task(&list, "gita/a-main.c");
    place_task(&list, "gita/b-main.c");
    ck_assert_ptr_nonnull(strstr(place_task(&list, "gita/test-scale")->problem, "is empty"));
}
END_TEST

START_TEST(too_much_of_one_person) {
    char path[64];
    for (int i = 0; i < 1100; i++) {
        snprintf(path, sizeof path, "in/eve/%d.c", i);
        place_put(path, "int x;\n");
    }
    place_put("in/hal/a.c", SCALE);
    place_find("in", &list);
    ck_assert_uint_eq(list.count, 1001);
    ck_assert(place_noted(&list, "more than 1000 C files"));
    ck_assert_ptr_null(place_task(&list, "hal/test-scale")->problem);
}
END_TEST

START_TEST(wrong_arguments) {
    static const char *const WRONG[] = {"nowhere", "/dev/null", "nowhere/deeper.c",
                                        "packs/test-scale/challenge.json/x"};
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        char *arguments[] = {(char *)WRONG[i]};
        ck_assert_int_eq(submissions_find(&place_packs, arguments, 1, NULL, &list, &place_error), -1);
        ck_assert_int_eq(place_error.owner, ERROR_USER);
        ck_assert_ptr_nonnull(strstr(place_error.text, WRONG[i]));
    }
    ck_assert_int_eq(mkdir("empty", 0755), 0);
    place_find("empty", &list);
    ck_assert_uint_eq(list.count, 0);
}
END_TEST

static void close_all(void) {
    submissions_release(&list);
    place_close();
}

int main(void) {
    TCase *tests = tcase_create("submission");
    tcase_add_checked_fixture(tests, place_open, close_all);
    tcase_add_test(tests, a_folder_for_each_person);
    tcase_add_test(tests, flat_files);
    tcase_add_test(tests, single_files);
    tcase_add_test(tests, two_files_for_one_challenge);
    tcase_add_test(tests, links_are_not_followed);
    tcase_add_test(tests, people_of_one_name);
    tcase_add_test(tests, long_and_odd_names);
    tcase_add_test(tests, names_that_look_the_same);
    tcase_add_test(tests, what_cannot_be_graded);
    tcase_add_test(tests, too_much_of_one_person);
    tcase_add_test(tests, wrong_arguments);
    return place_run(tests, "submission");
}
