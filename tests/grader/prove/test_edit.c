/* SPDX-License-Identifier: MIT */
/* Solutions written as edits: what is made of them, where its lines come from, and that everything malformed is refused
 * with file, block and remedy. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grader/prove/edit.h"
#include "grader/scratch.h"

#define HEAD            "// expect: wrong_answer\n// harness: x\n// edits: base.c\n// Why.\n"
#define BLOCK(old, new) "<<<<<<<\n" old "=======\n" new ">>>>>>>\n"

static const char base_text[] = "// expect: passed\n"
                                "int f(int a) {\n"
                                "    a += 1;\n"
                                "    a += 2;\n"
                                "    a += 1;\n"
                                "    return a;\n"
                                "}\n";

static char root[64];

static void make_root(void) {
    snprintf(root, sizeof root, "/tmp/test-edit-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
}

static void remove_root(void) {
    scratch_remove_tree(root);
}

static void put(const char *name, const char *text) {
    char path[256];
    struct error err = {0};

    snprintf(path, sizeof path, "%s/%s", root, name);
    ck_assert_msg(scratch_write(path, text, strlen(text), &err) == 0, "%s", err.text);
}

/* The edit `text` of base.c; the sentence of the failure stays in *err. */
static int make(const char *text, struct edit *edit, struct error *err) {
    char path[256];

    put("base.c", base_text);
    put("wrong_x.edit", text);
    snprintf(path, sizeof path, "%s/wrong_x.edit", root);
    *err = (struct error){0};
    return edit_read(path, edit, err);
}

static void expect_made(const char *text, const char *made) {
    struct edit edit;
    struct error err;

    ck_assert_msg(make(text, &edit, &err) == 0, "%s", err.text);
    ck_assert_str_eq(edit.text, made);
    ck_assert_uint_eq(edit.size, strlen(made));
    edit_release(&edit);
}

START_TEST(what_counts_as_a_solution) {
    static const char *const good[] = {"a.c", "wrong_a.edit"}, *const bad[] = {".c",  ".edit", ".a.c",
                                                                               "a.h", "a.c~",  ""};

    for (size_t i = 0; i < 2; i++)
        ck_assert(edit_is_solution(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!edit_is_solution(bad[i]), "%s", bad[i]);
    ck_assert(edit_is("/somewhere/wrong_a.edit") && !edit_is("/some.edit/wrong_a.c"));
}
END_TEST

START_TEST(a_line_is_replaced) {
    expect_made(HEAD BLOCK("    a += 2;\n", "    a += 3;\n"),
                "// expect: wrong_answer\nint f(int a) {\n    a += 1;\n    a += 3;\n    a += 1;\n    return a;\n}\n");
}
END_TEST

START_TEST(lines_are_taken_away_and_added) {
    expect_made(HEAD BLOCK("    a += 2;\n    a += 1;\n", "") "\n// Then the end.\n" BLOCK("}\n", "}\n\nint g;\n"),
                "// expect: wrong_answer\nint f(int a) {\n    a += 1;\n    return a;\n}\n\nint g;\n");
}
END_TEST

/* The line that the first block adds is also the one that the second looks for. */
START_TEST(blocks_do_not_see_each_other) {
    expect_made(
        HEAD BLOCK("    return a;\n", "    a += 2;\n    return a;\n") BLOCK("    a += 2;\n", "    a += 5;\n"),
        "// expect: wrong_answer\nint f(int a) {\n    a += 1;\n    a += 5;\n    a += 1;\n    a += 2;\n    return "
        "a;\n}\n");
}
END_TEST

START_TEST(neither_file_needs_a_last_newline) {
    char path[256];
    struct edit edit;
    struct error err = {0};

    put("base.c", "// expect: passed\nint a;\nint b;");
    put("wrong_x.edit", HEAD "<<<<<<<\nint b;\n=======\nint c;\n>>>>>>>");
    snprintf(path, sizeof path, "%s/wrong_x.edit", root);
    ck_assert_msg(edit_read(path, &edit, &err) == 0, "%s", err.text);
    ck_assert_str_eq(edit.text, "// expect: wrong_answer\nint a;\nint c;\n");
    edit_release(&edit);
}
END_TEST

START_TEST(every_line_has_a_place) {
    static const char *const place[] = {"wrong_x.edit",   "wrong_x.edit:1", "base.c:2", "base.c:3", "wrong_x.edit:8",
                                        "wrong_x.edit:9", "base.c:5",       "base.c:6", "base.c:7", "wrong_x.edit"};
    struct edit edit;
    struct error err;
    char seen[160];

    ck_assert_int_eq(make(HEAD BLOCK("    a += 2;\n", "    a -= 2;\n    a -= 3;\n"), &edit, &err), 0);
    for (int i = 0; i < (int)(sizeof place / sizeof *place); i++) {
        edit_place(&edit, i, seen, sizeof seen);
        ck_assert_str_eq(seen, place[i]);
    }
    edit_release(&edit);
}
END_TEST

START_TEST(it_is_written_under_its_stem) {
    struct edit edit;
    struct error err;
    char path[256], wanted[256], *text = NULL;
    size_t size = 0;

    ck_assert_int_eq(make(HEAD BLOCK("    a += 2;\n", ""), &edit, &err), 0);
    ck_assert_int_eq(edit_write(&edit, root, path, sizeof path, &err), 0);
    snprintf(wanted, sizeof wanted, "%s/wrong_x.c", root);
    ck_assert_str_eq(path, wanted);
    ck_assert_int_eq(scratch_read(path, 1 << 20, &text, &size, &err), 0);
    ck_assert_str_eq(text, edit.text);
    free(text);
    edit_release(&edit);
}
END_TEST

struct refusal {
    const char *text;
    const char *words[3]; /* all in the sentence */
};

#define NO_BASE "// expect: wrong_answer\n// harness: x\n"

static const struct refusal refusals[] = {
    {HEAD BLOCK("    a += 3;\n", ""), {"wrong_x.edit:5, block 1", "not in base.c", "copy whole lines"}},
    {HEAD BLOCK("a += 2;\n", ""), {"block 1", "line 4 there differs in white space only", NULL}},
    {HEAD BLOCK("    a += 2\n", ""), {"block 1", "not in base.c;", NULL}},
    {HEAD BLOCK("// expect: passed\n", ""), {"block 1", "not in base.c", NULL}},
    {HEAD BLOCK("    a += 1;\n", ""), {"block 1", "twice, at lines 3 and 5", "add lines around"}},
    {HEAD BLOCK("    a += 2;\n", "") BLOCK("    a += 1;\n", ""), {"wrong_x.edit:9, block 2", "twice", NULL}},
    {HEAD BLOCK("    a += 2;\n", "") BLOCK("    a += 2;\n    a += 1;\n", ""),
     {"block 2", "line 4 of base.c is changed by block 1", "make one of the two"}},
    {HEAD BLOCK("", "    a += 2;\n"), {"block 1", "no old lines", "repeat it"}},
    {HEAD BLOCK("    a += 2;\n", "    a += 2;\n"), {"block 1", "are the same", NULL}},
    {HEAD, {"wrong_x.edit", "no block", "add <<<<<<<"}},
    {HEAD "<<<<<<<\n    a += 2;\n", {"block 1", "line 5 has no `=======`", "add the line"}},
    {HEAD "<<<<<<<\n    a += 2;\n=======\n", {"block 1", "has no `>>>>>>>`", NULL}},
    {HEAD "=======\n>>>>>>>\n", {"wrong_x.edit:5, block 1", "outside of every block", "only `<<<<<<<` can"}},
    {HEAD "<<<<<<<\n    a += 2;\n>>>>>>>\n", {"wrong_x.edit:7, block 1", "among the old lines", "only `=======` can"}},
    {HEAD "<<<<<<<\n    a += 2;\n=======\n=======\n>>>>>>>\n",
     {"wrong_x.edit:8, block 1", "among the new lines", NULL}},
    {HEAD BLOCK("    a += 2;\n", "") ">>>>>>>\n", {"wrong_x.edit:9, block 2", "outside of every block", NULL}},
    {HEAD "int x;\n" BLOCK("    a += 2;\n", ""), {"wrong_x.edit:5", "outside of every block", "// comment"}},
    {NO_BASE, {"wrong_x.edit", "does not say what it edits", "third line"}},
    {"", {"wrong_x.edit", "does not say what it edits", NULL}},
    {NO_BASE "// It edits: base.c\n", {"wrong_x.edit", "does not say what it edits", NULL}},
    {NO_BASE "// edits: other.c\n" BLOCK("a\n", ""), {"wrong_x.edit edits other.c", "cannot be read", "third line"}},
    {NO_BASE "// edits: wrong_x.edit\n", {"wrong_x.edit", "itself an edit", "name the C file"}},
    {NO_BASE "// edits: ../base.c\n", {"'../base.c'", "same folder", NULL}},
    {NO_BASE "// edits: base.h\n", {"'base.h'", "name a C file", NULL}},
    {NO_BASE "// edits: \n", {"''", "name a C file", NULL}},
};

START_TEST(what_is_malformed_is_refused) {
    const struct refusal *refusal = &refusals[_i];
    struct edit edit;
    struct error err;

    ck_assert_int_eq(make(refusal->text, &edit, &err), -1);
    ck_assert_int_eq((int)err.owner, (int)ERROR_CHALLENGE);
    for (size_t i = 0; i < 3 && refusal->words[i] != NULL; i++)
        ck_assert_msg(strstr(err.text, refusal->words[i]) != NULL, "`%s` is not in: %s", refusal->words[i], err.text);
    ck_assert_ptr_null(edit.text);
    ck_assert_ptr_null(edit.origin);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("edit");
    TCase *edits = tcase_create("edits");

    tcase_add_checked_fixture(edits, make_root, remove_root);
    tcase_add_test(edits, what_counts_as_a_solution);
    tcase_add_test(edits, a_line_is_replaced);
    tcase_add_test(edits, lines_are_taken_away_and_added);
    tcase_add_test(edits, blocks_do_not_see_each_other);
    tcase_add_test(edits, neither_file_needs_a_last_newline);
    tcase_add_test(edits, every_line_has_a_place);
    tcase_add_test(edits, it_is_written_under_its_stem);
    tcase_add_loop_test(edits, what_is_malformed_is_refused, 0, (int)(sizeof refusals / sizeof *refusals));
    suite_add_tcase(suite, edits);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
